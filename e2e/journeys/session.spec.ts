// A session from the tap that opens it to the evaluation: at the command room, on the wall, and by a
// tablet's marks; who does not set out is late and sounds until a desk takes note; the desk steers the
// wall; war mode and a drill are seen by the whole room.
import type { Locator, Page } from '@playwright/test';
import { browserOf, Desk } from '../support/desk.ts';
import { COUNTY, expect, reportAt, test, Wall } from '../support/journey.ts';

/** What a tablet or a script does, with the cookie of whoever is signed in. */
async function post(page: Page, path: string, body: unknown = {}): Promise<void> {
  const [status, text] = await page.evaluate(async ([to, json]) => {
    const answer = await fetch(`/api/v1${to}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: json });
    return [answer.status, await answer.text()] as const;
  }, [path, JSON.stringify(body)] as const);
  expect(status, `${path}: ${text}`).toBeLessThan(300);
}

/** The command room of a role. */
class Room {
  readonly head: Locator;

  constructor(readonly page: Page) {
    this.head = page.getByTestId('live-head');
  }

  get id(): string {
    return new URL(this.page.url()).searchParams.get('id') ?? '';
  }

  seat(org: string): Locator {
    return this.page.locator(`[data-testid="seat-row"][data-org="${org}"]`);
  }

  /** Makes a move that asks for a few words. */
  async move(button: string, field: string, words: string): Promise<void> {
    await this.page.getByTestId(button).click();
    const form = this.page.getByTestId('move-form');
    await form.getByTestId(field).fill(words);
    await form.getByTestId('move-go').click();
    await expect(form.getByTestId('move-go')).toHaveCount(0);
  }

  async switchMode(): Promise<void> {
    await this.page.getByTestId('mode-switch').click();
    await this.page.getByTestId('mode-reason').fill('防汛应急响应');
    await this.page.getByTestId('mode-go').click();
    await expect(this.page.getByTestId('mode-reason')).toHaveCount(0);
  }
}

test('a session is opened, mustered, seen on the wall, steered, closed and rated', async ({ page, browser, packs, station }) => {
  // Three browsers and a muster, on a machine that may have two cores.
  test.setTimeout(240_000);
  const county = await station('drill', 'sqlite');
  const matter = await county.report(reportAt(packs, packs.townships()[0]!, 'gas'));
  const screen = await browserOf(browser);
  const views: string[] = [];
  screen.on('websocket', (socket) => socket.on('framesent', ({ payload }) => views.push(String(payload))));
  const wall = await Wall.open(screen, county.base, county);

  // A county unit with its tablet.
  const tablet = await browserOf(browser);
  await tablet.goto(county.base + (await county.door('unit', COUNTY)));
  // Its own screen has its own journey; here only what it says counts.
  await tablet.goto(`${county.base}/api/v1/me`);
  const unit = await tablet.evaluate(async () => ((await (await fetch('/api/v1/me')).json()) as { org: string }).org);

  await page.goto(county.base + (await county.door('centre', COUNTY)));
  await page.goto(`${county.base}/command?incident=${matter.id}`);
  const room = new Room(page);
  const desk = new Desk(page, county.base);
  const rows = page.getByTestId('open-row');
  await expect(rows.first()).toBeVisible({ timeout: 30_000 });
  if ((await page.locator(`[data-testid="open-row"][data-org="${unit}"]`).count()) === 0) await desk.pick('add-org', unit);
  const own = page.locator(`[data-testid="open-row"][data-org="${unit}"]`);
  await own.getByTestId('leads').check();
  const others = await rows.evaluateAll((all, own) => all.map((row) => row.getAttribute('data-org') ?? '').filter((org) => org !== own), unit);
  await desk.isAccessible();
  await page.getByTestId('order-all').click();
  await expect(room.head).toHaveAttribute('data-stage', 'Ordered');
  const session = `/sessions/${room.id}`;

  // The whole room sees it, with the clock running and a seat for everyone.
  const card = wall.page.locator(`[data-testid="session"][data-id="${room.id}"]`);
  await expect(card.getByTestId('muster-clock')).toHaveAttribute('data-state', 'running');
  await expect(card.getByTestId('seat')).toHaveCount(others.length + 1);
  await expect(wall.page.getByTestId('alarms')).toHaveAttribute('data-state', 'waits');

  // The tablet reads and sets out; the officer of another says so by radio; the rest is late.
  for (const mark of ['read', 'acknowledge', 'move']) await post(tablet, `${session}/${mark}`);
  const [told, late] = [others[0]!, others[1]!];
  await room.seat(told).getByTestId('seat-word').click();
  const form = page.getByTestId('move-form');
  await form.getByTestId('step').selectOption('moving');
  await form.getByTestId('channel').selectOption('radio');
  await form.getByTestId('officer').fill('值班员老周');
  await form.getByTestId('move-go').click();
  await expect(card.locator(`[data-org="${unit}"]`)).toHaveAttribute('data-state', 'go');
  await expect(card.locator(`[data-org="${told}"]`)).toHaveAttribute('data-state', 'go');
  await expect(wall.page.locator('[data-testid="deployed"][data-status="Moving"]')).not.toHaveText('0');
  await expect(card.locator(`[data-org="${late}"]`)).toHaveAttribute('data-state', 'late', { timeout: 30_000 });
  await expect(card.getByTestId('muster-clock')).toHaveAttribute('data-state', 'late');
  await expect(room.seat(late).getByTestId('chain')).toContainText('→');

  // It sounds until a desk takes note; the wall tells who did.
  await expect(page.locator('[data-testid="alarm"][data-state="waits"]').first()).toBeVisible();
  await page.getByTestId('ack-all').click();
  await expect(wall.page.getByTestId('alarms')).toHaveAttribute('data-state', 'done', { timeout: 20_000 });

  // Positions are asked of what the wall shows.
  expect(views.at(-1)).toMatch(/^\{"t":"view","box":\[(-?\d+\.\d{6},?){4}\]\}$/);

  // The desk steers the wall, and gives it back.
  const row = page.getByTestId('wall-row').first();
  await row.getByTestId('send-session').click();
  await expect(wall.page.getByTestId('steered')).toContainText('路面塌陷 gas');
  await row.getByTestId('send-view').click();
  await expect(row).toHaveAttribute('data-shown', 'true');
  await wall.page.reload();
  await wall.isLive();
  await expect(wall.page.getByTestId('steered')).toBeVisible();
  await row.getByTestId('send-back').click();
  await expect(wall.page.getByTestId('steered')).toHaveCount(0);

  await room.switchMode();
  await expect(wall.page.getByTestId('wall')).toHaveAttribute('data-mode', 'war');
  await expect(page.getByTestId('mode')).toHaveAttribute('data-mode', 'war');
  await room.switchMode();
  await expect(wall.page.getByTestId('wall')).toHaveAttribute('data-mode', 'peace');

  // A message is acknowledged by name; the scene is reached, held, signed off and closed.
  await page.getByTestId('say').fill('注意警戒');
  await page.getByTestId('say-go').click();
  await post(tablet, `${session}/acknowledge_message`, { message: 0 });
  await expect(page.getByTestId('seen')).not.toContainText('无人');
  await post(tablet, `${session}/arrive`);
  for (const org of others) await post(page, `${session}/release`, { org, reason: '现场已无需要' });
  await room.move('do-control', 'note', '险情已控制');
  await post(tablet, `${session}/close`, { result: '已排除' });
  await expect(room.head).toHaveAttribute('data-stage', 'Ended');
  for (let left = others.length + 1; left > 0; left -= 1) {
    await expect(page.getByTestId('to-rate')).toHaveCount(left);
    await page.getByTestId('to-rate').first().getByTestId('score-5').click();
  }
  await expect(room.head).toHaveAttribute('data-stage', 'Reviewed');
  await desk.isAccessible();

  // A drill is marked wherever it is shown.
  await page.getByTestId('open-session').click();
  await page.getByTestId('title').fill('防汛演练');
  await desk.pick('add-org', unit);
  await page.getByTestId('order-all').click();
  await expect(room.head).toHaveAttribute('data-drill', 'true');
  await expect(wall.page.locator('[data-testid="session"][data-drill="true"]').getByTestId('drill')).toBeVisible();
  await expect(wall.page.getByTestId('drill-mode')).toBeVisible();
});
