// A report, however it comes in, is on the map, in the ticker and on the board.
import { COUNTY, expect, reportAt, test, Wall } from '../support/journey.ts';

test('a report by HTTP appears on map, ticker and board', async ({ page, packs, station }) => {
  const county = await station('drill', 'sqlite');
  const wall = await Wall.open(page, county.base, county);
  await wall.mapIsDrawn();
  await expect(wall.map).toHaveAttribute('data-lamps', '0');

  const receipt = await county.report(reportAt(packs, COUNTY, 'http-1'));
  expect(receipt.region.code).toHaveLength(15);

  await expect(wall.tickerOf(receipt.id).first()).toBeVisible();
  await expect(wall.map).toHaveAttribute('data-lamps', '1');
  await expect(wall.figure('reported')).toHaveText('1');
  await expect(wall.redOf(receipt.id)).toBeVisible();
});

test('a report by XADD appears on map, ticker and board', async ({ page, packs, station }) => {
  const county = await station('drill', 'redis');
  const wall = await Wall.open(page, county.base, county);
  await wall.mapIsDrawn();

  await county.xadd(reportAt(packs, COUNTY, 'xadd-1'));

  await expect(wall.tickerRows.first()).toBeVisible();
  const id = await wall.tickerRows.first().getAttribute('data-id');
  await expect(wall.map).toHaveAttribute('data-lamps', '1');
  await expect(wall.figure('reported')).toHaveText('1');
  await expect(wall.redOf(id!)).toBeVisible();
  await expect
    .poll(() => county.redis!.command('XPENDING', 'gridlamp:{330899}:intake', 'gridlamp'), { message: 'it is XACKed' })
    .toMatch(/^0/);
});

test('the same report again is the same incident', async ({ packs, station }) => {
  const county = await station('calm', 'sqlite');
  const report = reportAt(packs, COUNTY, 'again-1');
  const first = await county.report(report);
  const second = await county.post(report);
  expect(second.status).toBe(200);
  expect(((await second.json()) as { id: string }).id).toBe(first.id);
});
