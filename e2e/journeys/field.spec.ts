// The commander's tablet: an order arrives and is acknowledged, the network is cut in the middle of a
// tap, the page is opened anew without it, and what was tapped is taken once, at its own time.
import { AxeBuilder } from '@axe-core/playwright';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import type { Place } from '../support/pack.ts';
import type { Station } from '../support/station.ts';
import { COUNTY, expect, test } from '../support/journey.ts';
import { photo } from '../support/photo.ts';

interface Mark {
  step: string;
  at: string;
  occurred_at?: string;
  evidence: { by: string };
}
interface Session {
  id: string;
  stage: string;
  seats: { org: string; units?: string[]; marks: Mark[] }[];
  messages?: { text: string; attachments?: string[]; acknowledged?: { by: { id: string } }[] }[];
}

const tablet = (browser: Browser, place: Place, phone = false): Promise<BrowserContext> => browser.newContext({
  viewport: phone ? { width: 390, height: 844 } : { width: 1024, height: 768 },
  hasTouch: true,
  isMobile: phone,
  locale: 'zh-CN',
  timezoneId: 'Asia/Shanghai',
  reducedMotion: 'reduce',
  geolocation: { longitude: place.lon, latitude: place.lat, accuracy: 12 },
  permissions: ['geolocation', 'microphone'],
});

async function isAccessible(page: Page): Promise<void> {
  const found = await new AxeBuilder({ page }).analyze();
  const grave = found.violations.filter((one) => one.impact === 'serious' || one.impact === 'critical');
  expect(grave.map((one) => `${one.id}: ${one.nodes.map((node) => node.target.join(' ')).join(', ')}`)).toEqual([]);
}

/** What the centre does beside the tablet, by the interface. */
class Centre {
  private constructor(readonly station: Station, readonly token: string) {}

  static async of(station: Station): Promise<Centre> {
    return new Centre(station, await station.cli('token', 'create', '--role', 'centre'));
  }

  async call<T>(path: string, body?: object): Promise<T> {
    const answer = await fetch(`${this.station.base}/api/v1${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    const text = await answer.text();
    expect(answer.ok, text).toBe(true);
    return JSON.parse(text) as T;
  }

  session(id: string): Promise<Session> {
    return this.call(`/sessions/${id}`);
  }

  async marks(id: string, org: string, step: string): Promise<Mark[]> {
    const seat = (await this.session(id)).seats.find((one) => one.org === org);
    return seat!.marks.filter((mark) => mark.step === step && mark.evidence.by === 'button');
  }
}

test('an order is answered from the tablet, with the network cut in the middle of a tap', async ({ browser, packs, station, wire }) => {
  test.setTimeout(180_000);
  const server = await station('calm', 'sqlite');
  const net = await wire(server);
  const centre = await Centre.of(server);
  const scene = packs.place(packs.townships()[0]!);
  const far = packs.place(packs.townships()[2]!);
  const context = await tablet(browser, far);
  const page = await context.newPage();
  await page.goto(`${net.base}${await server.door('unit', COUNTY)}`);
  const me = (await (await page.request.get(`${net.base}/api/v1/me`)).json()) as { org: string };
  await page.goto(`${net.base}/field`);
  await expect(page.getByTestId('no-sessions')).toBeVisible({ timeout: 30_000 });
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

  // The order arrives by itself, and opening it says that it was read.
  const units = (await centre.call<{ items: { org: string }[] }>('/units')).items;
  const other = units.find((unit) => unit.org !== me.org)!.org;
  const opened = await centre.call<{ id: string }>('/sessions', {
    kind: 'drill', title: '燃气泄漏演练', region: scene.region,
    place: { lon: scene.lon, lat: scene.lat, address: '湖镇路 86 号' },
    lead: { org: other }, cooperators: [{ org: me.org, ask: '封控周边三家用气商户' }], order: true, despite: true,
  });
  await expect(page.getByTestId('title')).toContainText('燃气泄漏');
  await expect(page.getByTestId('duty')).toContainText('封控周边');
  await expect.poll(() => centre.marks(opened.id, me.org, 'read')).toHaveLength(1);
  await page.getByTestId('big').tap();
  await expect(page.locator('[data-step=Acknowledged]').first()).toHaveAttribute('data-state', 'done');
  await expect.poll(() => centre.marks(opened.id, me.org, 'acknowledged')).toHaveLength(1);
  await isAccessible(page);

  // The answer to the next tap never comes: the server may have it or not. Then the network is gone.
  const big = page.getByTestId('big');
  await expect(big).toContainText('出动');
  net.mute();
  const tapped = Date.now();
  await big.tap();
  await expect.poll(() => centre.marks(opened.id, me.org, 'moving')).toHaveLength(1);
  net.cut();
  await expect(page.getByTestId('link-state')).toHaveAttribute('data-waiting', '1');
  await expect(page.locator('li[data-step=Moving]')).toHaveAttribute('data-state', /waiting|done/);

  // Opened anew without a network: the page, the order and the tap are there.
  await page.reload();
  await expect(page.getByTestId('title')).toContainText('燃气泄漏', { timeout: 30_000 });
  await expect(page.getByTestId('link-state')).toHaveAttribute('data-waiting', '1');
  await expect(big).toContainText('到场');
  await big.tap();
  await expect(page.getByTestId('link-state')).toHaveAttribute('data-waiting', '2');
  const arrived = Date.now();

  net.mend();
  await expect(page.getByTestId('link-state')).toHaveAttribute('data-waiting', '0', { timeout: 60_000 });
  const moved = await centre.marks(opened.id, me.org, 'moving');
  expect(moved).toHaveLength(1);
  expect(Math.abs(Date.parse(moved[0]!.occurred_at!) - tapped)).toBeLessThan(5_000);
  const there = await centre.marks(opened.id, me.org, 'arrived');
  expect(there).toHaveLength(1);
  expect(Math.abs(Date.parse(there[0]!.occurred_at!) - arrived)).toBeLessThan(5_000);

  // Its position is told as the tablet's, and drawn with the way to the scene.
  await expect(page.getByTestId('way')).toContainText('公里');
  await expect
    .poll(async () => (await centre.call<{ items: { org: string; place?: { lon: number } }[] }>('/units')).items.find((one) => one.org === me.org)?.place?.lon)
    .toBeCloseTo(far.lon, 3);

  // A message of the commander is acknowledged by name; a vote is cast by those at the scene.
  await centre.call(`/sessions/${opened.id}/say`, { text: '东侧巷道封闭，从莲溪桥进' });
  await page.getByTestId('message-seen').tap();
  await expect.poll(async () => (await centre.session(opened.id)).messages?.[0]?.acknowledged?.length).toBe(1);
  await page.getByTestId('vote-more').tap();
  await expect(page.getByTestId('vote-more')).toHaveAttribute('aria-pressed', 'true');

  // Somebody else closes it while the tablet is away: said plainly, and not dropped in silence.
  net.cut();
  await expect(page.getByTestId('link-state')).not.toHaveAttribute('data-state', 'live', { timeout: 60_000 });
  await centre.call(`/sessions/${opened.id}/abort`, { reason: '演练结束' });
  await big.tap();
  await expect(page.getByTestId('link-state')).toHaveAttribute('data-waiting', '1');
  net.mend();
  await expect(page.getByTestId('conflict')).toContainText('已取消', { timeout: 60_000 });
  await isAccessible(page);
  await page.getByTestId('conflict-read').tap();
  await expect(page.getByTestId('conflict')).toHaveCount(0);
});

test('on a telephone in one column, by day and by night', async ({ browser, packs, station }) => {
  const server = await station('calm', 'sqlite');
  const centre = await Centre.of(server);
  const place = packs.place(packs.townships()[0]!);
  const context = await tablet(browser, place, true);
  const page = await context.newPage();
  await page.goto(`${server.base}${await server.door('unit', COUNTY)}`);
  const me = (await (await page.request.get(`${server.base}/api/v1/me`)).json()) as { org: string };
  const opened = await centre.call<{ id: string }>('/sessions', {
    kind: 'drill', title: '山洪转移演练', region: place.region, place: { lon: place.lon, lat: place.lat },
    lead: { org: me.org }, order: true, despite: true,
  });
  await page.goto(`${server.base}/field`);
  const big = page.getByTestId('big');
  await expect(big).toBeVisible({ timeout: 30_000 });
  expect((await big.boundingBox())!.height).toBeGreaterThanOrEqual(64);
  for (const choice of ['day', 'night']) {
    while ((await page.getByTestId('theme').getAttribute('data-choice')) !== choice) await page.getByTestId('theme').tap();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
    await isAccessible(page);
  }

  // A photo is made small and loses what the camera wrote into it; a voice note is heard by all.
  const camera = 'GPS 29.0000 119.0000';
  const mine = page.getByTestId('message');
  await page.getByTestId('photo').setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: await photo(page, camera) });
  await expect(mine).toHaveCount(1);
  const seen = mine.first().locator('img');
  await seen.scrollIntoViewIfNeeded();
  await expect.poll(() => seen.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBeGreaterThan(0);
  const kept = await page.request.get(`${server.base}${await seen.getAttribute('src')}`);
  expect(kept.headers()['content-type']).toBe('image/jpeg');
  expect((await kept.body()).includes(camera)).toBe(false);

  const voice = page.getByTestId('voice');
  await voice.tap();
  await expect(voice).toHaveClass(/recording/);
  await expect(voice).toContainText(/[1-9]/);
  await voice.tap();
  await expect(mine).toHaveCount(2);
  const said = mine.locator('audio');
  await said.evaluate((audio: HTMLAudioElement) => audio.load());
  await said.evaluate((audio: HTMLAudioElement) => audio.play());
  await expect.poll(() => said.evaluate((audio: HTMLAudioElement) => audio.currentTime)).toBeGreaterThan(0);
  const session = await centre.session(opened.id);
  expect(session.messages?.map((one) => one.attachments?.length)).toEqual([1, 1]);
});
