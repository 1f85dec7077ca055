// Figures taken in a real browser: they are measured and told, and fail only when they can't be taken.
// Nothing is traced meanwhile: its pictures of every frame would be most of what is measured.
import { defineConfig } from '@playwright/test';
import journeys from './playwright.config.ts';

export default defineConfig({
  ...journeys,
  testDir: './figures',
  reporter: [['list']],
  timeout: 300_000,
  use: { ...journeys.use, contextOptions: { reducedMotion: 'no-preference' }, trace: 'off', screenshot: 'off' },
});
