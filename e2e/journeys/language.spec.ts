// Chinese first, English complete, one switch between them.
import { COUNTY, expect, reportAt, test, Wall } from '../support/journey.ts';

test('the wall speaks English at a switch, and Chinese again', async ({ page, packs, station }) => {
  const county = await station('drill', 'sqlite');
  const wall = await Wall.open(page, county.base, county);
  const receipt = await county.report(reportAt(packs, COUNTY, 'words-1'));
  await expect(wall.redOf(receipt.id)).toBeVisible();
  await expect(page.getByTestId('today')).toContainText('上报');

  await page.getByTestId('lang-switch').click();
  await expect(page.locator('html')).toHaveAttribute('lang', /^en/);
  await expect(page.getByTestId('today')).toContainText('Reported', { ignoreCase: true });
  await expect(page.getByTestId('today')).not.toContainText('上报');

  // It is remembered by this screen.
  await page.reload();
  await wall.isLive();
  await expect(page.locator('html')).toHaveAttribute('lang', /^en/);

  await page.getByTestId('lang-switch').click();
  await expect(page.locator('html')).toHaveAttribute('lang', /^zh/);
  await expect(page.getByTestId('today')).toContainText('上报');
});
