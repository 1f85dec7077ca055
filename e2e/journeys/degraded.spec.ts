// Redis stops: screens say so within 15 s, intake answers 503 and never a false 201, and all of it
// recovers by itself.
import { COUNTY, expect, reportAt, test, Wall } from '../support/journey.ts';

test('a stopped Redis degrades honestly and recovers by itself', async ({ page, packs, station }) => {
  const county = await station('calm', 'redis');
  const wall = await Wall.open(page, county.base, county);
  const before = await county.report(reportAt(packs, COUNTY, 'before'));
  await expect(wall.tickerOf(before.id).first()).toBeVisible();

  await county.redis!.stop();
  await expect(wall.link).toHaveAttribute('data-state', 'degraded', { timeout: 15_000 });
  const refused = await county.post(reportAt(packs, COUNTY, 'meanwhile', 1));
  expect(refused.status).toBe(503);
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(refused.headers.get('content-type')).toContain('application/problem+json');
  expect(await county.isReady()).toBe(false);

  await county.redis!.start();
  await wall.isLive();
  await expect.poll(() => county.isReady(), { timeout: 30_000 }).toBe(true);
  const after = await county.report(reportAt(packs, COUNTY, 'meanwhile', 1));
  await expect(wall.tickerOf(after.id).first()).toBeVisible();
  await expect(wall.figure('reported')).toHaveText('2');
});
