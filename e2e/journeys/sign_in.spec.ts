// Signing in: locked out after wrong passwords, a one-time code as a second step, another post.
import { browserOf, codeOf, Desk, PASSWORD } from '../support/desk.ts';
import { expect, test } from '../support/journey.ts';

test('wrong passwords make one wait, and the screen says how long', async ({ page, browser, station }) => {
  const county = await station('calm', 'sqlite');
  await Desk.administrator(page, county);
  const stranger = new Desk(await browserOf(browser), county.base);
  await stranger.page.goto(`${county.base}/sign-in`);
  await stranger.isAccessible();
  const refused = stranger.page.getByTestId('notice-refused');
  const go = stranger.page.getByTestId('go');
  for (let nth = 0; nth < 12 && (await go.isEnabled()); nth += 1) {
    const answered = stranger.page.waitForResponse((answer) => answer.url().endsWith('/sign-in') && answer.request().method() === 'POST');
    await stranger.trySignIn('admin', `wrong-password-${nth}`);
    await answered;
    await expect(refused).toBeVisible();
  }
  await expect(go).toBeDisabled();
  await expect(refused).toContainText(/\d+ 秒/);
});

test('a one-time code is the second step', async ({ page, browser, station }) => {
  const county = await station('calm', 'sqlite');
  const admin = await Desk.administrator(page, county);
  await admin.section('account');
  await page.getByTestId('totp-start').click();
  const key = (await page.getByTestId('totp-secret').textContent()) ?? '';
  await admin.isAccessible();
  await page.getByTestId('totp-code').fill(codeOf(key));
  await page.getByTestId('totp-go').click();
  await expect(page.getByTestId('totp')).toHaveAttribute('data-on', 'true');

  const again = new Desk(await browserOf(browser), county.base);
  await again.page.goto(`${county.base}/admin/tokens`);
  await expect(again.page.getByTestId('sign-in')).toBeVisible();
  await again.trySignIn('admin', PASSWORD);
  const code = again.page.getByTestId('code');
  await expect(code).toBeFocused();
  await code.fill('000000');
  await again.page.getByTestId('go').click();
  await expect(again.page.getByTestId('notice-refused')).toBeVisible();
  // The next step's: each code passes once, and this one may still be the one that confirmed.
  await code.fill(codeOf(key, Date.now() + 30_000));
  await again.page.getByTestId('go').click();
  await expect(again.page, 'back to where they came from').toHaveURL(/\/admin\/tokens$/);
});

test('who has two posts switches between them', async ({ page, browser, packs, station }) => {
  const county = await station('calm', 'sqlite');
  const [here, elsewhere] = packs.townships() as [string, string];
  const admin = await Desk.administrator(page, county);
  const link = await admin.invite({ id: 'zhao', name: '赵磊', role: 'command_room', org: here, director: true });
  await admin.section('people?id=zhao');
  await page.getByTestId('add-post').click();
  const second = page.getByTestId('post-draft').nth(1);
  await second.getByTestId('post-role').selectOption('command_room');
  await admin.pick('post-org', elsewhere, second);
  await page.getByTestId('save-posts').click();
  await expect(page.getByTestId('notice-done')).toBeVisible();

  const { page: zhao } = await Desk.welcomed(await browserOf(browser), county.base, link);
  await expect(zhao.getByTestId('map')).toHaveAttribute('data-scope', here);
  await zhao.goto(`${county.base}/account`);
  await zhao.getByTestId('account').getByTestId('post').nth(1).click();
  await expect(zhao).toHaveURL(/\/desk/);
  await expect(zhao.getByTestId('map')).toHaveAttribute('data-scope', elsewhere);
  // The second post heads nothing, so there is nothing to administer.
  await zhao.goto(`${county.base}/admin`);
  await expect(zhao.getByTestId('rail-account')).toBeVisible();
  await expect(zhao.getByTestId('rail-walls')).toHaveCount(0);
});
