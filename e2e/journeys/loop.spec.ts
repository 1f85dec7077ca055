// The closed loop from end to end: reported on a telephone, taken on at the township's desk, bounced,
// sent up, given more time, overdue, supervised, answered, told, not accepted by who reported it, done
// again, confirmed. Every delay is on the record, and nothing on the way shuts anybody out.
import { browserOf, Desk } from '../support/desk.ts';
import { COUNTY, expect, test, Wall } from '../support/journey.ts';
import { isAccessible, telephone } from '../support/phone.ts';
import { Place } from '../support/place.ts';

/** A time as a field of a form takes it, so many hours from now. */
function inHours(hours: number): string {
  const parts = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai', dateStyle: 'short', timeStyle: 'short' });
  return parts.format(Date.now() + hours * 3_600_000).replace(' ', 'T');
}

test('a report comes back confirmed, by every detour there is', async ({ browser, packs, station }) => {
  test.setTimeout(420_000);
  const county = await station('brisk', 'sqlite');
  const [township] = packs.townships() as [string];
  const phone = await (await telephone(browser, packs.place(township))).newPage();

  await phone.goto(`${county.base}/report`);
  await phone.getByTestId('what').fill('桥头路面塌了一块，电动车摔倒');
  await phone.getByTestId('locate').tap();
  await expect(phone.getByTestId('spot')).toContainText('18');
  await phone.getByTestId('send').tap();
  await phone.getByTestId('follow').tap();
  await expect(phone.getByTestId('case-state')).toHaveAttribute('data-state', 'Reported');

  // Nobody said what it is: the room says it, takes back what the rules made of it, and asks another.
  const room = await Place.open(await browserOf(browser), county, 'command_room', township);
  await room.press('1', 'j');
  await room.is('reported');
  const id = new URL(room.page.url()).searchParams.get('id')!;
  await room.does('accept', { category: '0702' });
  await room.is('dispatched');
  await room.does('recall', { reason: '先由平台核实' });
  await room.is('assessed');
  await room.does('dispatch', { to: `${township}-P1`, reason: '就近核实' });
  await room.is('dispatched');

  // Bounced: the platform has no hand in it.
  const unit = await Place.open(await browserOf(browser), county, 'platform', township);
  const opened = (place: Place) => place.page.goto(`${county.base}/desk?view=all&id=${id}`);
  await opened(unit);
  await unit.is('dispatched');
  await unit.does('return', { reason: '涉及交通管制，不属于本平台职责' });
  await room.is('assessed');
  await expect(room.page.getByTestId('timeline')).toContainText('不属于本平台职责');
  await room.does('dispatch', { to: '330899-U-police', reason: '需现场管制' });
  await new Desk(room.page, county.base).isAccessible();

  // Sent up: the department turns to the leaders, the centre sends it back with their word.
  await unit.page.goto(county.base + (await county.door('unit', COUNTY)));
  await expect(unit.page).toHaveURL(/\/desk/);
  await opened(unit);
  await unit.is('dispatched');
  await unit.does('start');
  await unit.is('in_progress');
  await unit.does('escalate', { reason: '需多部门联合处置' });
  const centre = room;
  await centre.page.goto(county.base + (await county.door('centre', COUNTY)));
  await expect(centre.page).toHaveURL(/\/desk/);
  await opened(centre);
  await centre.is('assessed');
  await centre.does('dispatch', { to: '330899-U-police', reason: '县领导批示：由公安牵头' });
  await centre.is('dispatched');

  // Given more time, by somebody else than who asked.
  await unit.is('dispatched');
  await unit.does('start');
  await unit.is('in_progress');
  const deadline = await unit.page.evaluate(async (path) => ((await (await fetch(path)).json()) as { deadline: string }).deadline, `/api/v1/incidents/${id}`);
  const until = inHours((Date.parse(deadline) - Date.now()) / 3_600_000 + 1);
  await unit.does('ask_extension', { until, reason: '夜间不能开挖' });
  await expect(centre.page.getByTestId('do-grant_extension')).toBeVisible();
  await centre.does('grant_extension', { note: '同意' });

  // Nobody has begun: overdue, with its order, on the wall as at the desk.
  await expect(unit.page.getByTestId('case-lamp')).toHaveAttribute('data-lamp', /red$/, { timeout: 120_000 });
  await expect(unit.page.getByTestId('order')).toHaveCount(1);
  await unit.answers('sign_order');
  await expect(unit.page.getByTestId('order')).toHaveAttribute('data-state', 'Signed');
  await unit.answers('answer_order', { text: '警力已到场，设备在途' });
  await new Desk(unit.page, county.base).isAccessible();
  await centre.answers('clear_order', { text: '属实' });
  await expect(unit.page.getByTestId('order')).toHaveAttribute('data-state', 'Cleared');

  // Told, not accepted, done again.
  await unit.does('progress', { note: '已围挡，冷补料在途' });
  await expect(unit.page.getByTestId('case-lamp')).not.toHaveAttribute('data-lamp', /red$/);
  await unit.does('feedback', { result: '坑洞已填平' });
  await unit.is('feedback');
  await phone.getByTestId('renew').tap();
  await expect(phone.getByTestId('result')).toHaveText('坑洞已填平');
  await phone.getByTestId('dissatisfied').tap();
  await phone.getByTestId('reason').fill('边上还在往下掉');
  await phone.getByTestId('reason-go').tap();
  await unit.is('in_progress');
  await expect(unit.page.getByTestId('timeline')).toContainText('边上还在往下掉');
  await unit.does('feedback', { result: '已开挖重填，压实' });
  await phone.getByTestId('renew').tap();
  await expect(phone.getByTestId('result')).toHaveText('已开挖重填，压实');
  await isAccessible(phone);
  await phone.getByTestId('satisfied').tap();
  await expect(phone.getByTestId('case-state')).toHaveAttribute('data-state', 'Closed');
  await unit.is('closed');

  // Who held it for how long is told, and nothing of it is lit any more.
  await expect(unit.page.getByTestId('held')).toContainText(/\d/);
  const wall = await Wall.open(await browserOf(browser), county.base, county);
  await expect(wall.redOf(id)).toHaveCount(0);
  await expect(wall.figure('closed')).toHaveText('1');
});
