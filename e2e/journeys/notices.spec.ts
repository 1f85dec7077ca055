// Notices at one's own account: read and acknowledged, set, and shown by the browser's worker.
import { browserOf, Desk } from '../support/desk.ts';
import { expect, reportAt, test } from '../support/journey.ts';

test('a red light reaches its command room, which reads it and settles how it is told', async ({ page, browser, packs, station }) => {
  const county = await station('drill', 'sqlite');
  const [here] = packs.townships() as [string];
  const admin = await Desk.administrator(page, county);
  const link = await admin.invite({ id: 'zhao', name: '赵磊', role: 'command_room', org: here, director: true });
  const desk = await Desk.welcomed(await browserOf(browser), county.base, link);
  const zhao = desk.page;
  await zhao.context().grantPermissions(['notifications'], { origin: county.base });

  await zhao.goto(`${county.base}/account`);
  await expect(zhao.getByTestId('told').getByTestId('blank')).toBeVisible();
  const receipt = await county.report(reportAt(packs, here, 'red'));
  const told = zhao.getByTestId('told');
  await expect(async () => {
    await zhao.reload();
    await expect(zhao.getByTestId('notice').filter({ hasText: receipt.number }).first()).toBeVisible();
  }).toPass({ timeout: 60_000 });
  await desk.isAccessible();
  await expect(told.getByTestId('notice').first()).toHaveAttribute('data-unread', 'true');
  await zhao.getByTestId('read-all').click();
  await expect(told).toHaveAttribute('data-unread', '0');

  const sms = zhao.getByTestId('by-sms');
  await expect(sms).toBeChecked();
  const kept = zhao.waitForResponse((answer) => answer.url().endsWith('/me/notices') && answer.request().method() === 'PUT');
  await sms.uncheck();
  expect((await kept).status()).toBe(200);
  await zhao.reload();
  await expect(sms).toBeEnabled();
  await expect(sms).not.toBeChecked();

  // No push service is reached from here: the screen says so, and what shows notices is in place.
  await zhao.getByTestId('push').click();
  await expect(zhao.getByTestId('telling').getByTestId('notice-refused')).toContainText('推送服务');
  const text = { key: 'k', urgency: 'urgent', title: '红灯督查单：1', body: '请处置', link: '/account', at: new Date().toISOString() };
  const client = await zhao.context().newCDPSession(zhao);
  const registered = new Promise<string>((done) => {
    client.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
      const ours = registrations.find((one) => one.scopeURL.endsWith('/push/'));
      if (ours) done(ours.registrationId);
    });
  });
  await client.send('ServiceWorker.enable');
  const registrationId = await registered;
  // A repeat takes the place of what is shown.
  for (let nth = 0; nth < 2; nth += 1) {
    await client.send('ServiceWorker.deliverPushMessage', { origin: county.base, registrationId, data: JSON.stringify(text) });
  }
  const shown = () => zhao.evaluate(async () => {
    const worker = await navigator.serviceWorker.getRegistration('/push/');
    return (await worker?.getNotifications())?.map((one) => `${one.title} ${one.body}`);
  });
  await expect.poll(shown).toEqual(['红灯督查单：1 请处置']);
});
