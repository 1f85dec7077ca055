// Signing in by an outside identity: joined to an account once, then enough to enter with.
import { browserOf, Desk, PASSWORD } from '../support/desk.ts';
import { expect, test } from '../support/journey.ts';
import { freePort } from '../support/ports.ts';
import { Identity } from '../support/provider.ts';
import type { Page } from '@playwright/test';

/** The provider's own pages: who, then yes. */
async function agree(page: Page, issuer: string): Promise<void> {
  await expect(page).toHaveURL(new RegExp(`^${issuer}/interaction/`));
  await page.locator('input[name="login"]').fill('wangjianguo');
  await page.locator('input[name="password"]').fill('anything');
  await page.locator('button[type="submit"]').click();
  await page.getByRole('button', { name: 'Continue' }).click();
}

test('an outside identity signs in once it is joined', async ({ page, browser, station }) => {
  const port = await freePort();
  let identity: Identity | undefined;
  const county = await station('calm', 'sqlite', (base) => {
    const issuer = `http://127.0.0.1:${port}`;
    return `public_url = "${base}"\n\n[[oidc]]\nname = "gov"\ntitle = "统一认证"\nissuer = "${issuer}"\nclient_id = "${Identity.client}"\nclient_secret = "${Identity.secret}"\n`;
  });
  try {
    identity = await Identity.start(`${county.base}/api/v1/sign-in/gov/back`, port);
    await Desk.administrator(page, county);

    // Nobody's yet: it leads back and says so.
    const other = await browserOf(browser);
    await other.goto(`${county.base}/sign-in`);
    await other.getByTestId('provider').click();
    await agree(other, identity.issuer);
    await expect(other).toHaveURL(/\/sign-in\?problem=not_joined/);
    await expect(other.getByTestId('notice-refused')).toContainText('绑定');

    await page.goto(`${county.base}/account`);
    await page.getByTestId('join').click();
    await agree(page, identity.issuer);
    await expect(page).toHaveURL(/\/admin/);

    await other.goto(`${county.base}/sign-in`);
    await other.getByTestId('provider').click();
    await expect(other).toHaveURL(/\/admin/);
    await expect(other.getByTestId('me-name')).toBeVisible();

    // The password still does.
    const third = new Desk(await browserOf(browser), county.base);
    await third.fillSignIn('admin', PASSWORD);
    await expect(third.page).toHaveURL(/\/admin/);
  } finally {
    await identity?.close();
  }
});
