// Each screen loads its own family of the app and no other's; what the address says survives a
// reload, a link from one family to another, and the way back.
import type { Page } from '@playwright/test';
import { Desk } from '../support/desk.ts';
import { expect, test } from '../support/journey.ts';

/** The families whose programs the page has fetched since it was last asked. */
function families(page: Page): () => string[] {
  const fetched = new Set<string>();
  page.on('request', (request) => {
    const family = /\/assets\/([a-z]+)-[0-9a-f]+\/app_bg\.wasm$/.exec(request.url())?.[1];
    if (family) fetched.add(family);
  });
  return () => {
    const since = [...fetched].sort();
    fetched.clear();
    return since;
  };
}

test('a screen loads its own family, by its address, a link or the way back', async ({ page, station }) => {
  test.setTimeout(240_000);
  const county = await station('calm', 'sqlite');
  const loaded = families(page);
  const mistakes: string[] = [];
  page.on('pageerror', (error) => mistakes.push(error.message));

  await page.goto(county.base);
  await expect(page.getByTestId('start')).toBeVisible();
  expect(loaded()).toEqual(['door']);
  await page.getByTestId('to-sign-in').click();
  await expect(page.getByTestId('sign-in')).toBeVisible();
  await page.goBack();
  await expect(page.getByTestId('start')).toBeVisible();
  loaded();

  await page.goto(`${county.base}/wall`);
  await expect(page.getByTestId('pair-code')).not.toBeEmpty();
  expect(loaded()).toEqual(['wall']);

  // The first administrator lands in the administration, whose address names what is searched.
  await Desk.administrator(page, county);
  await expect(page.getByTestId('person-row')).toHaveCount(1);
  expect(loaded()).toEqual(['admin', 'door']);
  await page.goto(`${county.base}/admin/people?q=adm`);
  await expect(page.getByTestId('person-row')).toHaveCount(1);
  await page.getByTestId('rail-walls').click();
  await expect(page.locator('[data-section="walls"]')).toBeVisible();
  await page.goBack();
  await expect(page).toHaveURL(/\/admin\/people\?q=adm$/);
  await expect(page.getByTestId('person-row')).toHaveCount(1);
  await page.reload();
  await expect(page.getByTestId('person-row')).toHaveCount(1);
  expect(loaded()).toEqual(['admin']);

  // One's own account is a section of the same family, at an address of its own.
  await page.goto(`${county.base}/account`);
  await expect(page.getByTestId('account-screen')).toBeVisible();
  expect(loaded()).toEqual(['admin']);

  // An address that no family answers says so, and leads back.
  expect((await page.goto(`${county.base}/nowhere/at-all`))?.status()).toBe(404);
  await page.getByTestId('not-here').getByRole('link').click();
  await expect(page.getByTestId('start')).toBeVisible();
  expect(loaded()).toEqual(['door']);
  expect(mistakes).toEqual([]);
});
