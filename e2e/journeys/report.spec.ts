// The report page on a telephone: a report with position and photo, written without a network, sent
// once, followed by its receipt to its confirmation; and a grid worker's tasks.
import type { Station } from '../support/station.ts';
import { expect, test } from '../support/journey.ts';
import { photo } from '../support/photo.ts';
import { isAccessible, telephone } from '../support/phone.ts';

const CAMERA = 'Canon EOS 5D, 13800001234';

interface Incident {
  id: string;
  state: string;
  title: string;
  attachments?: string[];
}

/** Width and height as a JPEG's frame says them. */
function size(jpeg: Buffer): [number, number] {
  for (let at = 2; at + 9 < jpeg.length; at += 2 + jpeg.readUInt16BE(at + 2)) {
    const marker = jpeg[at + 1]!;
    if (marker >= 0xc0 && marker <= 0xc2) return [jpeg.readUInt16BE(at + 7), jpeg.readUInt16BE(at + 5)];
  }
  throw new Error('no frame in this JPEG');
}

class County {
  private constructor(readonly station: Station, readonly reader: string, readonly unit: string) {}

  static async of(station: Station): Promise<County> {
    const reader = await station.cli('token', 'create', '--reader');
    return new County(station, reader, await station.cli('token', 'create', '--role', 'unit'));
  }

  async get(path: string, token = this.reader): Promise<Response> {
    return fetch(`${this.station.base}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` } });
  }

  async citizens(): Promise<Incident[]> {
    const answer = await this.get('/incidents?source=citizen');
    return ((await answer.json()) as { items: Incident[] }).items;
  }

  /** Whoever holds it starts and tells a result. */
  async handle(id: string): Promise<void> {
    await this.isSentOn(id);
    for (const [name, body] of [['start', {}], ['progress', { note: '已到现场' }], ['feedback', { result: '井盖已补装' }]] as const) {
      await this.does(id, name, body);
    }
  }

  /** The rules accept, assess and dispatch by themselves, a moment later. */
  async isSentOn(id: string): Promise<void> {
    await expect
      .poll(async () => ((await (await this.get(`/incidents/${id}`)).json()) as Incident).state, { message: 'sent on by the rules' })
      .toBe('dispatched');
  }

  async does(id: string, name: string, body: object, token = this.unit): Promise<void> {
    const answer = await fetch(`${this.station.base}/api/v1/incidents/${id}/${name}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status, await answer.text()).toBe(200);
  }
}

test('a report is written without a network, sent once, and followed to its confirmation', async ({ browser, packs, station }) => {
  const server = await station('calm', 'sqlite');
  const county = await County.of(server);
  const context = await telephone(browser, packs.place(packs.townships()[0]!));
  const page = await context.newPage();
  await page.goto(`${server.base}/report`);
  await expect(page.getByTestId('category').locator('option')).not.toHaveCount(1);
  await isAccessible(page);
  // The page is kept by then; the next visit needs no network.
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));

  await page.getByTestId('send').tap();
  await expect(page.getByTestId('where-wrong')).toBeVisible();

  await context.setOffline(true);
  await expect(page.getByTestId('offline')).toBeVisible();
  await page.getByTestId('what').fill('莲花路 86 号门口井盖缺失。有行人绊倒');
  await page.reload();
  await expect(page.getByTestId('what')).toHaveValue('莲花路 86 号门口井盖缺失。有行人绊倒');
  await page.getByTestId('category').selectOption('0703');
  await page.getByTestId('locate').tap();
  await expect(page.getByTestId('spot')).toContainText('18');
  await page.getByTestId('photo-input').setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: await photo(page, CAMERA) });
  await expect(page.getByTestId('photos')).toHaveAttribute('data-count', '1');
  await page.getByTestId('contact-name').fill('王桂芳');
  await page.getByTestId('send').tap();
  await expect(page.locator('[data-fate=waiting]')).toBeVisible();

  await page.reload();
  await page.getByTestId('tab-mine').tap();
  await expect(page.getByTestId('item')).toHaveAttribute('data-state', 'waiting');
  await context.setOffline(false);
  await expect(page.getByTestId('item')).toHaveAttribute('data-state', 'sent', { timeout: 40_000 });
  await page.reload();
  await page.getByTestId('tab-mine').tap();
  await expect(page.getByTestId('item')).toHaveCount(1);
  await isAccessible(page);
  const [taken, ...more] = await county.citizens();
  expect(more).toEqual([]);
  expect(taken!.title).toBe('莲花路 86 号门口井盖缺失');

  const kept = Buffer.from(await (await county.get(`/attachments/${taken!.attachments![0]}`)).arrayBuffer());
  expect(kept.includes(CAMERA) || kept.includes('Exif')).toBe(false);
  expect(Math.max(...size(kept))).toBe(1600);

  await page.getByTestId('open-item').tap();
  await county.handle(taken!.id);
  await page.getByTestId('renew').tap();
  await expect(page.getByTestId('result')).toHaveText('井盖已补装');
  await isAccessible(page);
  await page.getByTestId('dissatisfied').tap();
  await page.getByTestId('reason').fill('盖子不稳');
  await page.getByTestId('reason-go').tap();
  await expect(page.getByTestId('case-state')).toHaveAttribute('data-state', 'InProgress');

  await county.does(taken!.id, 'feedback', { result: '已垫稳' });
  const receipt = (await page.getByTestId('receipt').textContent())!;
  // From another telephone, by the receipt alone.
  const other = await (await telephone(browser, packs.place(packs.townships()[0]!))).newPage();
  await other.goto(`${server.base}/report`);
  await other.getByTestId('tab-mine').tap();
  await other.getByTestId('receipt-input').fill(receipt.toLowerCase().replaceAll('-', ' '));
  await other.getByTestId('look-up').tap();
  await other.getByTestId('satisfied').tap();
  await expect(other.getByTestId('case-state')).toHaveAttribute('data-state', 'Closed');
  await other.getByTestId('star-5').tap();
  await other.getByTestId('evaluate-go').tap();
  await expect(other.getByTestId('scored')).toContainText('5');
  await expect(other.locator('body')).not.toContainText('王桂芳');
  await isAccessible(other);
});

test('a place is pointed at on the map, and a report that is not taken says why', async ({ browser, packs, station }) => {
  const server = await station('calm', 'sqlite');
  const context = await telephone(browser, { ...packs.place(packs.townships()[0]!), lon: 2.35, lat: 48.85 });
  const page = await context.newPage();
  await page.goto(`${server.base}/report`);
  await page.getByTestId('what').fill('井盖缺失');
  await page.getByTestId('locate').tap();
  await page.getByTestId('send').tap();
  await expect(page.locator('[data-fate=refused]')).toContainText('境内');
  await page.getByTestId('fix').tap();
  await expect(page.getByTestId('what')).toHaveValue('井盖缺失');

  await page.getByTestId('open-map').tap();
  const map = page.getByTestId('pin-map');
  await expect(map).toHaveAttribute('data-ready', 'true');
  await page.getByTestId('locate').scrollIntoViewIfNeeded();
  await map.tap();
  await expect(page.getByTestId('spot')).toContainText('地图');
  await page.getByTestId('send').tap();
  await expect(page.getByTestId('receipt')).toBeVisible();
});

test('a grid worker reports by name and settles what is sent to her', async ({ browser, packs, station }) => {
  const server = await station('calm', 'sqlite');
  const place = packs.place(packs.townships()[0]!);
  const context = await telephone(browser, place);
  const page = await context.newPage();
  await page.goto(`${server.base}${await server.door('grid', place.region)}`);
  await page.goto(`${server.base}/report`);
  await expect(page.getByTestId('whom')).toBeVisible();
  await page.getByTestId('what').fill('楼道堆物');
  await page.getByTestId('locate').tap();
  await page.getByTestId('send').tap();
  await expect(page.getByTestId('number')).toBeVisible();

  const room = await server.cli('token', 'create', '--role', 'command_room', '--scope', packs.townships()[0]!);
  const county = await County.of(server);
  const sent = await server.report({ external_id: 'task', title: '井盖缺失', category: '0703', lon: place.lon, lat: place.lat });
  await county.isSentOn(sent.id);
  // What a person took back is a person's to send on.
  await county.does(sent.id, 'recall', {}, room);
  await county.does(sent.id, 'dispatch', { to: `${place.region}-G`, reason: '就近处置' }, room);
  await page.getByTestId('tab-tasks').tap();
  const task = page.locator(`[data-testid=task][data-number="${sent.number}"]`);
  await task.getByTestId('task-start').tap();
  await expect(task).toHaveAttribute('data-state', 'InProgress');
  await task.getByTestId('task-feedback').tap();
  await task.getByTestId('task-note').fill('已劝离');
  await task.getByTestId('photo-input').setInputFiles({ name: 'a.jpg', mimeType: 'image/jpeg', buffer: await photo(page, CAMERA) });
  await expect(task.getByTestId('photos')).toHaveAttribute('data-count', '1');
  await isAccessible(page);
  await task.getByTestId('task-go').tap();
  await expect(task).toHaveAttribute('data-state', 'Feedback');
});
