// What every journey begins with: a county, servers that are gone afterwards, a wall that is read by
// the hooks the app promises.
import { expect, test as base, type Locator, type Page } from '@playwright/test';
import { Packs } from './pack.ts';
import { Station, type Report } from './station.ts';
import { Wire } from './proxy.ts';

export { expect };
export const COUNTY = '330899';

interface Tools {
  /** Starts a server that is stopped when the journey ends. */
  station: (county: 'calm' | 'drill' | 'brisk' | { folder: string }, log: 'sqlite' | 'redis', settings?: (base: string) => string) => Promise<Station>;
  /** Puts a wire that can be cut before a server. */
  wire: (station: Station) => Promise<Wire>;
  /** Closes every browser context that the journey opened. */
  closed: undefined;
}

export const test = base.extend<Tools, { packs: Packs }>({
  packs: [
    async ({}, use) => {
      const packs = await Packs.make();
      await use(packs);
      packs.remove();
    },
    { scope: 'worker' },
  ],
  station: async ({ packs }, use, info) => {
    const stations: Station[] = [];
    await use(async (county, log, settings) => {
      const station = await Station.start(typeof county === 'string' ? packs[county] : county.folder, log, settings);
      stations.push(station);
      return station;
    });
    for (const station of stations) {
      if (info.status !== info.expectedStatus) {
        await info.attach('server.log', { body: station.output, contentType: 'text/plain' });
      }
      await station.close();
    }
  },
  // Else the maps of every journey before would go on being drawn, on the processor, under the next.
  closed: [
    async ({ browser }, use) => {
      await use(undefined);
      for (const context of browser.contexts()) await context.close();
    },
    { auto: true },
  ],
  wire: async ({}, use) => {
    const wires: Wire[] = [];
    await use(async (station) => {
      const wire = await Wire.to(station.port);
      wires.push(wire);
      return wire;
    });
    for (const wire of wires) await wire.close();
  },
});

/** A report of a broken road (0702 in the default catalogue) at a place of the pack. */
export function reportAt(packs: Packs, within: string, id: string, nth = 0): Report {
  const { lon, lat } = packs.place(within, nth);
  return { external_id: id, title: `路面塌陷 ${id}`, category: '0702', lon, lat };
}

/** The wall, as a person reads it. */
export class Wall {
  readonly link: Locator;
  readonly map: Locator;
  readonly tickerRows: Locator;
  readonly redRows: Locator;

  constructor(readonly page: Page) {
    this.link = page.getByTestId('link-state');
    this.map = page.getByTestId('map');
    this.tickerRows = page.getByTestId('ticker-row');
    this.redRows = page.getByTestId('red-row');
  }

  /** Signs in at a door and opens the wall of a scope. */
  static async open(page: Page, base: string, station: Station, scope = COUNTY): Promise<Wall> {
    await page.goto(base + (await station.door('wall', COUNTY)));
    if (scope !== COUNTY) await page.goto(`${base}/wall?scope=${scope}`);
    const wall = new Wall(page);
    await wall.isLive();
    return wall;
  }

  async isLive(): Promise<void> {
    await expect(this.link).toHaveAttribute('data-state', 'live', { timeout: 30_000 });
  }

  async mapIsDrawn(): Promise<void> {
    await expect(this.map).toHaveAttribute('data-ready', 'true', { timeout: 60_000 });
  }

  tickerOf(id: string): Locator {
    return this.page.locator(`[data-testid="ticker-row"][data-id="${id}"]`);
  }

  redOf(id: string): Locator {
    return this.page.locator(`[data-testid="red-row"][data-id="${id}"]`);
  }

  figure(name: string): Locator {
    return this.page.getByTestId(`figure-${name}`);
  }

  /** The ids of the ticker, and whether its numbers run without a gap. */
  async ticker(): Promise<{ ids: string[]; unbroken: boolean }> {
    const rows = await this.tickerRows.evaluateAll((all) =>
      all.map((row) => ({ id: row.getAttribute('data-id') ?? '', n: Number(row.getAttribute('data-n')) })));
    const numbers = rows.map((row) => row.n).sort((a, b) => a - b);
    const unbroken = numbers.every((n, at) => at === 0 || n === numbers[at - 1]! + 1);
    return { ids: rows.map((row) => row.id), unbroken };
  }
}
