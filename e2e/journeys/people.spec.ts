// Taking people in: the first administrator's one-time link, an invitation, and what happens at once
// when a sign-in is ended.
import { browserOf, Desk, firstLink, PASSWORD } from '../support/desk.ts';
import { expect, test } from '../support/journey.ts';

test('an administrator takes a director in and shuts them out again', async ({ page, browser, packs, station }) => {
  // Three browsers, one after the other, on a machine that may have two cores.
  test.setTimeout(240_000);
  const county = await station('calm', 'sqlite');
  const [township] = packs.townships() as [string];
  const link = firstLink(county);
  await page.goto(link);
  await expect(page.getByTestId('whom')).toContainText('admin');
  const admin = new Desk(page, county.base);
  await admin.isAccessible();

  // What is too weak is refused in words, and nothing is lost.
  await page.getByTestId('password').fill('password');
  await page.getByTestId('password-again').fill('password');
  await page.getByTestId('go').click();
  await expect(page.getByTestId('notice-refused')).toBeVisible();
  await Desk.administrator(page, county);
  await expect(page.getByTestId('person-row')).toHaveCount(1);

  // The link works once.
  const late = await browserOf(browser);
  await late.goto(link);
  await expect(late.getByTestId('link-over')).toBeVisible();

  const invite = await admin.invite({ id: 'chenwei', name: '陈伟', role: 'command_room', org: township, director: true });
  await expect(page.locator('[data-testid="person-row"][data-id="chenwei"] [data-testid="person-state"]')).toHaveAttribute('data-state', 'invited');
  await admin.isAccessible();

  const director = await Desk.welcomed(await browserOf(browser), county.base, invite);
  await expect(director.page.getByTestId('link-state')).toHaveAttribute('data-state', 'live');

  // A second sign-in, by password, stands in the list; both are ended.
  await admin.section('sign-ins?q=chenwei');
  await expect(page.getByTestId('sign-in-row')).toHaveCount(1);
  await admin.isAccessible();
  await page.getByTestId('end-sign-in').click();
  await admin.confirm();
  await expect(director.page.getByTestId('ended')).toBeVisible();

  await director.page.getByTestId('ended-again').click();
  await expect(director.page.getByTestId('sign-in')).toBeVisible();
  await director.trySignIn('chenwei', PASSWORD);
  await expect(director.page).toHaveURL(/\/desk/);
  await expect(director.page.getByTestId('link-state')).toHaveAttribute('data-state', 'live');

  await admin.section('people?id=chenwei');
  await page.getByTestId('disable').click();
  await page.getByTestId('reason').fill('调离本县');
  await page.getByTestId('disable-go').click();
  await expect(director.page.getByTestId('ended')).toBeVisible();
  await director.fillSignIn('chenwei');
  await expect(director.page.getByTestId('notice-refused')).toBeVisible();
});

test('people come from a file, after a dry run that lists every fault', async ({ page, packs, station }) => {
  const county = await station('calm', 'sqlite');
  const [township] = packs.townships() as [string];
  const admin = await Desk.administrator(page, county);
  await admin.section('people');
  await page.getByTestId('import').click();
  const outcome = page.getByTestId('import-outcome');
  const head = 'id,name,phone,role,org,region,director';
  const send = (...lines: string[]) =>
    page.getByTestId('import-file').setInputFiles({
      name: 'people.csv',
      mimeType: 'text/csv',
      buffer: Buffer.from([head, ...lines].join('\n')),
    });

  await send(`Wang Wei,王伟,,command_room,${township}-T,${township},是`, `limin,李敏,,nobody,,${township},`);
  await expect(outcome).toHaveAttribute('data-bad', '2');
  await expect(page.getByTestId('import-go')).toHaveCount(0);
  await admin.isAccessible();

  await send(`wangwei,王伟,13800000001,command_room,${township}-T,${township},是`, `limin,李敏,,auditor,,330899,`);
  await expect(outcome).toHaveAttribute('data-good', '2');
  await page.getByTestId('import-go').click();
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByTestId('import-links').click()]);
  expect(file.suggestedFilename()).toBe('invites.csv');
  await admin.section('people');
  await expect(page.getByTestId('person-row')).toHaveCount(3);
});

test('an auditor finds what was done, and sees nothing else', async ({ page, browser, station }) => {
  const county = await station('calm', 'sqlite');
  const admin = await Desk.administrator(page, county);
  await expect(page.getByTestId('rail-audit')).toHaveCount(0);
  const link = await admin.invite({ id: 'ducha', name: '郑督查', role: 'auditor' });
  const auditor = await Desk.welcomed(await browserOf(browser), county.base, link);
  const rows = auditor.page.getByTestId('audit-row');
  await expect(auditor.page.getByTestId('rail-people')).toHaveCount(0);
  await auditor.page.getByTestId('audit-who').fill('admin');
  await auditor.page.getByTestId('audit-q').fill('ducha');
  await auditor.page.getByTestId('audit-search').click();
  await expect(auditor.page).toHaveURL(/\/admin\/audit\?q=ducha&who=admin$/);
  await expect(rows).toHaveCount(1);
  await auditor.isAccessible();
  await rows.first().click();
  await expect(auditor.page.getByTestId('audit-diff')).toContainText('郑督查');
  await auditor.page.keyboard.press('Escape');
  const [file] = await Promise.all([auditor.page.waitForEvent('download'), auditor.page.getByTestId('audit-export').click()]);
  expect(file.suggestedFilename()).toMatch(/^audit-.*\.csv$/);
  await auditor.page.goBack();
  await expect(rows).not.toHaveCount(1);
});
