// The wall on every screen it may hang on: no scroll bars, nothing outside its frame. Pictures of each
// are left in test-results for a person to look at.
import { COUNTY, expect, reportAt, test, Wall } from '../support/journey.ts';

const SCREENS = [
  [1920, 1080],
  [3840, 1080],
  [6656, 1792],
  [1024, 768],
  [1080, 1920],
] as const;

/** Panels and words that stick out of the window, and whether the page scrolls. */
function misfits(): { scrolls: boolean; outside: string[] } {
  const { documentElement: page } = document;
  const scrolls = page.scrollWidth > page.clientWidth || page.scrollHeight > page.clientHeight;
  const outside = [...document.querySelectorAll('[data-testid]')]
    .filter((element) => !element.matches('[data-testid="ticker-row"], [data-testid="red-row"], [data-testid="order-row"]'))
    .filter((element) => {
      const box = element.getBoundingClientRect();
      const seen = box.width > 0 && box.height > 0;
      return seen && (box.left < -1 || box.top < -1 || box.right > innerWidth + 1 || box.bottom > innerHeight + 1);
    })
    .map((element) => element.getAttribute('data-testid') ?? '');
  return { scrolls, outside };
}

test('the wall fits every screen', async ({ page, packs, station }, info) => {
  test.setTimeout(300_000);
  const county = await station('drill', 'sqlite');
  for (let nth = 0; nth < 24; nth += 1) await county.report(reportAt(packs, COUNTY, `fill-${nth}`, nth * 43));
  const wall = await Wall.open(page, county.base, county);
  await wall.mapIsDrawn();
  await expect(wall.redRows.first()).toHaveAttribute('data-lamp', /red$/, { timeout: 30_000 });

  for (const [width, height] of SCREENS) {
    await page.setViewportSize({ width, height });
    await expect.poll(() => page.evaluate(misfits), { message: `${width}x${height}` }).toEqual({ scrolls: false, outside: [] });
    await page.screenshot({ path: info.outputPath(`wall-${width}x${height}.png`), timeout: 60_000 });
  }
});
