// A citizen's or a grid worker's telephone.
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { expect } from './journey.ts';
import type { Place } from './pack.ts';

/** A telephone at a place of the county. */
export async function telephone(browser: Browser, place: Place): Promise<BrowserContext> {
  return browser.newContext({
    reducedMotion: 'reduce',
    viewport: { width: 390, height: 844 },
    hasTouch: true,
    isMobile: true,
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    geolocation: { longitude: place.lon, latitude: place.lat, accuracy: 18 },
    permissions: ['geolocation', 'clipboard-write'],
  });
}

/** Nothing serious for who cannot see or point. */
export async function isAccessible(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).analyze();
  const grave = found.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
  expect(grave.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([]);
}
