// A wall is let in by the code it shows, changes when it is given another region, and says so when it
// is revoked.
import { browserOf, Desk } from '../support/desk.ts';
import { expect, test, Wall } from '../support/journey.ts';

test('a wall is paired, re-scoped and revoked from a desk', async ({ page, browser, packs, station }) => {
  const county = await station('calm', 'sqlite');
  const [here, elsewhere] = packs.townships() as [string, string];
  const admin = await Desk.administrator(page, county);

  const screen = await browserOf(browser);
  await screen.goto(`${county.base}/wall`);
  const code = screen.getByTestId('pair-code');
  await expect(code).toHaveAttribute('data-code', /^\w{5}-\w{5}$/);
  await new Desk(screen, county.base).isAccessible();

  await admin.section('walls');
  await page.getByTestId('wall-code').fill('00000-00000');
  await page.getByTestId('wall-name').fill('三楼指挥大厅');
  await page.getByTestId('wall-pair').click();
  await expect(page.getByTestId('pair-form').getByRole('alert').first()).toBeVisible();

  // As people type: small letters, a space for the hyphen.
  const typed = ((await code.getAttribute('data-code')) ?? '').toLowerCase().replace('-', ' ');
  await page.getByTestId('wall-code').fill(typed);
  await admin.pick('wall-scope', here);
  await page.getByTestId('wall-pair').click();
  const wall = new Wall(screen);
  await wall.isLive();
  await expect(wall.map).toHaveAttribute('data-scope', here);
  const row = page.getByTestId('wall-row');
  await expect(row.getByTestId('wall-state')).toHaveAttribute('data-state', 'online', { timeout: 30_000 });
  await admin.isAccessible();

  await row.getByTestId('wall-change').click();
  await admin.pick('wall-new-scope', elsewhere);
  await page.getByTestId('wall-save').click();
  await expect(wall.map).toHaveAttribute('data-scope', elsewhere);
  await wall.isLive();

  await row.getByTestId('wall-revoke').click();
  await admin.confirm();
  await expect(screen.getByTestId('ended')).toBeVisible();
  await screen.getByTestId('ended-again').click();
  await expect(screen.getByTestId('pair-code')).toHaveAttribute('data-code', /^\w{5}-\w{5}$/);
});
