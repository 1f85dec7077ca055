// The desk, by keyboard alone: a matter is taken on, sent, taken back, sent again, signed for, worked
// on, told and closed; what was typed survives a reload; a caller's report is taken down. Nothing on
// it shuts out who cannot see.
import { browserOf, Desk } from '../support/desk.ts';
import { expect, test, Wall } from '../support/journey.ts';
import { Place } from '../support/place.ts';

test('a matter goes its whole way by keyboard', async ({ page, browser, packs, station }) => {
  test.setTimeout(240_000);
  const county = await station('calm', 'sqlite');
  const [township] = packs.townships() as [string];
  const mistakes: string[] = [];
  page.on('pageerror', (error) => mistakes.push(error.message));
  const unit = await Place.open(await browserOf(browser), county, 'platform', township);
  const org = (await unit.page.evaluate(async () => (await (await fetch('/api/v1/me')).json()).org)) as string;
  const room = await Place.open(page, county, 'command_room', township);
  await expect(page.getByTestId('blank').first()).toBeVisible();

  // Nobody said what it is: it waits for the room.
  const { lon, lat } = packs.place(township);
  const sent = await county.report({ external_id: 'key-1', title: '桥头路面有坑洞', lon, lat });
  await expect(room.row(sent.id)).toBeVisible();
  await room.press('1', 'j');
  await room.is('reported');
  await expect(page).toHaveURL(new RegExp(`id=${sent.id}`));

  // Taken on under a category, the rules send it at once; that is taken back.
  await room.begin('a', 'accept');
  await room.choose('category', '0702');
  await room.send();
  await room.is('dispatched');
  await expect(page.getByTestId('undo')).toBeVisible();
  await room.press('u');
  await room.is('assessed');

  // What was typed is still there after a reload.
  await room.begin('d', 'dispatch');
  await room.choose('to', org);
  await room.into('reason');
  await page.keyboard.type('就近，先由平台处置');
  await page.reload();
  await room.is('assessed');
  await room.begin('d', 'dispatch');
  await expect(page.getByTestId('draft-kept')).toBeVisible();
  await expect(page.getByTestId('reason')).toHaveValue('就近，先由平台处置');
  await room.send();
  await room.is('dispatched');
  await expect(page.getByTestId('timeline')).toContainText('就近，先由平台处置');

  // The unit signs, works and tells the result.
  await expect(unit.row(sent.id)).toBeVisible();
  await unit.press('1', 'j');
  await unit.is('dispatched');
  await unit.press('g');
  await unit.is('in_progress');
  await unit.begin('p', 'progress');
  await unit.press('Control+Enter');
  await expect(unit.page.getByTestId('form-lacks')).toBeVisible();
  await unit.into('note');
  await unit.page.keyboard.type('已围挡，冷补料在途');
  await unit.send();
  await unit.begin('f', 'feedback');
  await unit.into('result');
  await unit.page.keyboard.type('坑洞已填平');
  await unit.send();
  await unit.is('feedback');

  // A hotline called back: the room closes in the caller's stead.
  await room.is('feedback');
  await room.begin('c', 'close_by_proxy');
  await room.send();
  await room.is('closed');
  await page.goBack();
  await expect(page).toHaveURL(/\/desk/);

  // Found again by its words, though it is closed.
  await room.press('/');
  await page.keyboard.type('坑洞');
  await expect(page.getByTestId('found').locator(`[data-id="${sent.id}"]`)).toBeVisible();
  await room.press('Escape');
  expect(mistakes).toEqual([]);
});

test('a call is taken down, with hints, and lands in the queue', async ({ page, packs, station }) => {
  const county = await station('calm', 'sqlite');
  const [township] = packs.townships() as [string];
  const { lon, lat, region } = packs.place(township);
  const before = await county.report({ external_id: 'dup', title: '桥头路灯不亮', category: '0704', lon, lat });
  const room = await Place.open(page, county, 'command_room', township);
  await room.press('4');
  await expect(room.row(before.id)).toBeVisible();
  await room.press('n');
  await expect(page.getByTestId('report-title')).toBeFocused();
  await page.keyboard.type('桥头三盏路灯不亮');
  const suggestion = page.locator('[data-testid="suggestion"][data-code="0704"]');
  await expect(suggestion).toContainText('路灯');
  await suggestion.press('Enter');
  await room.choose('report-place', region);
  await expect(page.getByTestId('similar')).toContainText(before.number);
  await room.into('report-phone');
  await page.keyboard.type('13800000001');
  await page.reload();
  await expect(page.getByTestId('report-title')).toHaveValue('桥头三盏路灯不亮');
  await expect(page.getByTestId('report-phone')).toHaveValue('13800000001');
  await room.into('report-title');
  await room.press('Control+Enter');
  await expect(page.getByTestId('told')).toBeVisible();
  await expect(page.getByTestId('case-title')).toHaveText('桥头三盏路灯不亮');
  await expect(page.getByTestId('case')).toContainText('13800000001');
  await expect(page).toHaveURL(/id=/);
});

test('what another did meanwhile is told, not overwritten', async ({ page, browser, packs, station }) => {
  const county = await station('calm', 'sqlite');
  const [township] = packs.townships() as [string];
  const { lon, lat } = packs.place(township);
  const sent = await county.report({ external_id: 'both', title: '桥头路面有坑洞', lon, lat });
  const room = await Place.open(page, county, 'command_room', township);
  const centre = await Place.open(await browserOf(browser), county, 'centre', '330899');
  for (const place of [room, centre]) await place.page.goto(`${county.base}/desk?view=all&id=${sent.id}`);
  await room.is('reported');
  await room.begin('x', 'reject');
  await room.into('reason');
  await page.keyboard.type('不属于本镇');
  await centre.is('reported');
  await centre.begin('a', 'accept');
  await centre.choose('category', '0702');
  await centre.send();
  await room.is('dispatched');
  await room.press('Control+Enter');
  await expect(page.getByTestId('notice-refused')).toBeVisible();
  await expect(page.getByTestId('reason')).toHaveValue('不属于本镇');
});

test('nothing on the desk or the wall shuts anybody out', async ({ page, browser, packs, station }) => {
  const county = await station('calm', 'sqlite');
  const [township] = packs.townships() as [string];
  const { lon, lat } = packs.place(township);
  const sent = await county.report({ external_id: 'axe', title: '桥头路面有坑洞', lon, lat });
  const room = await Place.open(page, county, 'command_room', township);
  const seen = new Desk(page, county.base);
  await room.press('j');
  await room.is('reported');
  await seen.isAccessible();
  await room.begin('x', 'reject');
  await seen.isAccessible();
  await room.press('Escape', '?');
  await expect(page.getByTestId('help')).toBeVisible();
  await seen.isAccessible();
  await room.press('Escape', 'n');
  await expect(page.getByTestId('report-form')).toBeVisible();
  await seen.isAccessible();
  await room.press('Escape');
  await page.getByTestId('theme').click();
  await seen.isAccessible();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect(room.row(sent.id)).toBeVisible();
  const wall = await Wall.open(await browserOf(browser), county.base, county);
  await new Desk(wall.page, county.base).isAccessible();
});
