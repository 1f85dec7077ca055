// One region code drives map, board, ticker and figures together.
import { COUNTY, expect, reportAt, test, Wall } from '../support/journey.ts';

test('the scope in the address filters everything', async ({ page, packs, station }) => {
  const county = await station('drill', 'sqlite');
  const [here, elsewhere] = packs.townships() as [string, string];
  const mine = await county.report(reportAt(packs, here, 'mine'));
  const theirs = await county.report(reportAt(packs, elsewhere, 'theirs'));

  const wall = await Wall.open(page, county.base, county, here);
  await wall.mapIsDrawn();
  await expect(wall.map).toHaveAttribute('data-scope', here);
  await expect(wall.map).toHaveAttribute('data-lamps', '1');
  await expect(wall.tickerOf(mine.id).first()).toBeVisible();
  await expect(wall.redOf(mine.id)).toBeVisible();
  await expect(wall.figure('reported')).toHaveText('1');

  // What arrives later is filtered too, by the server: it is not in the page at all.
  const later = await county.report(reportAt(packs, elsewhere, 'later', 3));
  const seen = await county.report(reportAt(packs, here, 'seen', 2));
  await expect(wall.tickerOf(seen.id).first()).toBeVisible();
  for (const id of [theirs.id, later.id]) {
    await expect(wall.tickerOf(id)).toHaveCount(0);
    await expect(wall.redOf(id)).toHaveCount(0);
  }
  await expect(wall.figure('reported')).toHaveText('2');

  await page.goto(`${county.base}/wall?scope=${COUNTY}`);
  await wall.isLive();
  await expect(wall.figure('reported')).toHaveText('4');
});
