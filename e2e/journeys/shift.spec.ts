// One shift of a command room hands its red lamp and its word to the next; both sign.
import { browserOf, Desk } from '../support/desk.ts';
import { expect, reportAt, test } from '../support/journey.ts';

test('a shift is handed over with its red lamps, by two signatures', async ({ page, browser, packs, station }) => {
  const county = await station('drill', 'sqlite');
  const [township] = packs.townships() as [string];
  await county.report(reportAt(packs, township, 'owed-1'));
  await page.goto(county.base + (await county.door('command_room', township)));
  await page.goto(`${county.base}/shift`);
  const now = page.getByTestId('shift-now');
  await expect(now).toHaveAttribute('data-state', 'nobody');
  await page.getByTestId('shift-begin').click();
  await expect(now).toHaveAttribute('data-state', 'mine');
  await expect(page.getByTestId('shift-matters')).not.toHaveAttribute('data-count', '0', { timeout: 60_000 });
  await expect(page.getByTestId('shift-end')).toHaveCount(0);
  await page.getByTestId('shift-note').fill('下午两点与供电所会商');
  await page.getByTestId('shift-offer').click();
  await expect(now).toHaveAttribute('data-state', 'mine-offered');
  await new Desk(page, county.base).isAccessible();

  const head = await browserOf(browser);
  await head.goto(county.base + (await county.door('command_room', township, '--director')));
  await head.goto(`${county.base}/shift`);
  await expect(head.getByTestId('shift-now')).toHaveAttribute('data-state', 'theirs-offered');
  await expect(head.getByTestId('shift-now')).toContainText('下午两点与供电所会商');
  await head.getByTestId('shift-remark').fill('已知悉');
  await head.getByTestId('shift-take').click();
  await expect(head.getByTestId('shift-now')).toHaveAttribute('data-state', 'mine');
  await expect(head.getByTestId('shift-past').locator('li')).toHaveCount(1);
  await expect(head.getByTestId('shift-past')).toContainText('已知悉');
});
