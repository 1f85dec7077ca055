// The link is cut and comes back: the screen says so meanwhile, and misses nothing.
import { COUNTY, expect, reportAt, test, Wall } from '../support/journey.ts';

test('a cut link is told, and nothing is missed when it comes back', async ({ page, packs, station, wire }) => {
  const county = await station('calm', 'sqlite');
  const cable = await wire(county);
  const wall = await Wall.open(page, cable.base, county);
  const before = await county.report(reportAt(packs, COUNTY, 'before', 0));
  await expect(wall.tickerOf(before.id).first()).toBeVisible();

  cable.cut();
  await expect(wall.link).toHaveAttribute('data-state', /^(lost|connecting)$/, { timeout: 15_000 });
  const during = [];
  for (const nth of [1, 2, 3]) during.push(await county.report(reportAt(packs, COUNTY, `during-${nth}`, nth)));

  cable.mend();
  await wall.isLive();
  await expect(wall.tickerOf(during.at(-1)!.id).first()).toBeVisible();
  await expect(wall.figure('reported')).toHaveText('4');
  await expect(page.getByTestId('ticker-gap')).toHaveCount(0);

  // The last word on "nothing missed": it reads as a wall that was never cut.
  const fresh = await Wall.open(await page.context().newPage(), county.base, county);
  await expect.poll(() => fresh.ticker()).toEqual(await wall.ticker());
  expect((await wall.ticker()).unbroken).toBe(true);
});

test('a link that only falls silent is noticed too', async ({ page, packs, station, wire }) => {
  const county = await station('calm', 'sqlite');
  const cable = await wire(county);
  const wall = await Wall.open(page, cable.base, county);

  cable.hold();
  const missed = await county.report(reportAt(packs, COUNTY, 'silent-1'));
  await expect(wall.link).not.toHaveAttribute('data-state', 'live', { timeout: 30_000 });

  cable.mend();
  await wall.isLive();
  await expect(wall.tickerOf(missed.id).first()).toBeVisible();
});
