// A deadline passes: the lamp goes red with its supervision order, exactly once.
import { COUNTY, expect, reportAt, test, Wall } from '../support/journey.ts';

test('a missed deadline turns the lamp red and issues one order', async ({ page, packs, station }) => {
  const county = await station('drill', 'sqlite');
  const wall = await Wall.open(page, county.base, county);
  await wall.mapIsDrawn();

  const receipt = await county.report(reportAt(packs, COUNTY, 'late-1'));
  const row = wall.redOf(receipt.id);
  await expect(row).toHaveAttribute('data-lamp', /red$/, { timeout: 30_000 });
  await expect(wall.figure('overdue')).toHaveText('1');
  await expect(wall.map).toHaveAttribute('data-red', '1');

  const order = page.locator(`[data-testid="order-row"][data-id="${receipt.id}"]`);
  await expect(order).toHaveCount(1);
  await expect(order).toContainText(/\d/);

  // The same after a cold start: the order is in the log, and the rule does not make a second one.
  await county.kill();
  await county.start();
  await wall.isLive();
  await expect(order).toHaveCount(1);
  await expect(row).toHaveAttribute('data-lamp', /red$/);
});
