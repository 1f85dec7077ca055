// After a session: its report is found in the list, judges each organisation, draws everybody's way,
// takes the evaluation, and goes out as data, map and paper; a drill is marked and in no figure.
import { spawnSync } from 'node:child_process';
import type { Page } from '@playwright/test';
import { browserOf, Desk } from '../support/desk.ts';
import { COUNTY, expect, reportAt, test } from '../support/journey.ts';

/** What a tablet or a script asks, with the cookie of whoever is signed in. */
async function ask<T>(page: Page, path: string, body?: unknown): Promise<T> {
  const [status, text] = await page.evaluate(async ([to, json]) => {
    const answer = await fetch(`/api/v1${to}`, json ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: json } : {});
    return [answer.status, await answer.text()] as const;
  }, [path, body === undefined ? '' : JSON.stringify(body)] as const);
  expect(status, `${path}: ${text}`).toBeLessThan(300);
  return JSON.parse(text) as T;
}

/** A file's type and bytes. */
async function file(page: Page, path: string): Promise<{ type: string; bytes: Buffer }> {
  const [status, type, bytes] = await page.evaluate(async (to) => {
    const answer = await fetch(to);
    return [answer.status, answer.headers.get('content-type') ?? '', [...new Uint8Array(await answer.arrayBuffer())]] as const;
  }, path);
  expect(status, path).toBe(200);
  return { type, bytes: Buffer.from(bytes) };
}

test('the report of a session is found, read, completed and taken away', async ({ page, browser, packs, station }) => {
  const county = await station('calm', 'sqlite');
  const place = reportAt(packs, packs.townships()[0]!, 'fire');
  const matter = await county.report(place);
  const tablet = await browserOf(browser);
  await tablet.goto(county.base + (await county.door('unit', COUNTY)));
  const { org } = await ask<{ org: string }>(tablet, '/me');
  await page.goto(county.base + (await county.door('centre', COUNTY)));
  const [other] = (await ask<{ items: { org: string }[] }>(page, `/incidents/${matter.id}/suggested`)).items.map((one) => one.org).filter((one) => one !== org);

  /** Runs a session to its end; its id. */
  const run = async (about: object, moves: boolean): Promise<string> => {
    const { id } = await ask<{ id: string }>(page, '/sessions', { ...about, lead: { org }, cooperators: [{ org: other }], order: true, despite: true });
    const shown = await ask<{ seats: { units: string[] }[]; place: { lon: number; lat: number } }>(page, `/sessions/${id}`);
    const at = (ago: number) => new Date(Date.now() - ago * 1000).toISOString();
    const [unit] = shown.seats[0]!.units;
    const ways = moves ? [[0.006, 40], [0.004, 25], [0.002, 10]] : [];
    for (const [off, ago] of ways) await ask(tablet, '/positions', [{ unit, lon: shown.place.lon + off!, lat: shown.place.lat + off! / 3, at: at(ago!) }]);
    for (const step of ['acknowledge', 'move', 'arrive']) await ask(tablet, `/sessions/${id}/${step}`, {});
    await ask(page, `/sessions/${id}/say`, { text: '请注意风向，从东侧进入' });
    await ask(tablet, `/sessions/${id}/acknowledge_message`, { message: 0 });
    await ask(page, `/sessions/${id}/release`, { org: other, reason: '现场已无需要' });
    await ask(page, `/sessions/${id}/control`, { note: '火势已控制' });
    await ask(tablet, `/sessions/${id}/close`, { result: '明火已扑灭' });
    return id;
  };
  const drill = await run({ kind: 'drill', title: '消防演练', region: COUNTY, place: { lon: place.lon, lat: place.lat } }, false);
  const real = await run({ kind: 'incident', incident: matter.id }, true);

  // Both are listed; the drill is marked and in no figure.
  await page.goto(`${county.base}/review`);
  await expect(page.getByTestId('review-row')).toHaveCount(2, { timeout: 30_000 });
  await expect(page.locator(`[data-session="${drill}"]`).getByTestId('drill')).toBeVisible();
  await expect(page.getByTestId('left-out')).toContainText('1');
  await expect(page.getByTestId('org-figures')).toHaveCount(1);
  const desk = new Desk(page, county.base);
  await desk.isAccessible();
  await page.locator(`[data-session="${real}"]`).getByRole('link').click();

  const member = page.locator(`[data-testid="member"][data-org="${org}"]`);
  await expect(member).toHaveAttribute('data-state', 'in_time');
  await expect(member.locator('[data-step="moving"]')).toContainText('00:0');
  await expect(page.getByTestId('messages')).toContainText('请注意风向，从东侧进入');
  await expect(page.getByTestId('timeline')).toContainText('明火已扑灭');
  await expect(page.getByTestId('way')).toHaveCount(1);
  await expect(page.getByTestId('map')).toHaveAttribute('data-ready', 'true', { timeout: 30_000 });
  await desk.isAccessible();

  // Whoever asked rates each organisation here as well.
  for (let left = 2; left > 0; left -= 1) {
    await expect(page.getByTestId('to-rate')).toHaveCount(left);
    await page.getByTestId('to-rate').first().getByTestId('score-4').click();
  }
  await expect(page.getByTestId('report')).toHaveAttribute('data-stage', 'reviewed');

  // Taken away: a PDF whose Chinese can be read back where there is a reader, and a map.
  const paper = await file(page, (await page.getByTestId('file-pdf').getAttribute('href'))!);
  expect(paper.type).toBe('application/pdf');
  expect(paper.bytes.subarray(0, 5).toString()).toBe('%PDF-');
  const text = spawnSync('pdftotext', ['-', '-'], { input: paper.bytes });
  if (!text.error) for (const words of ['处置复盘报告', '明火已扑灭', '按时']) expect(text.stdout.toString()).toContain(words);
  const map = JSON.parse((await file(page, (await page.getByTestId('file-geojson').getAttribute('href'))!)).bytes.toString()) as { features: { properties: { kind: string } }[] };
  expect(map.features.map((one) => one.properties.kind)).toEqual(['scene', 'track', 'arrival']);

  await page.goto(`${county.base}/review?id=${drill}`);
  await expect(page.getByTestId('report')).toHaveAttribute('data-drill', 'true', { timeout: 30_000 });
  await expect(page.getByTestId('report').getByTestId('drill')).toBeVisible();
  await page.goto(`${county.base}/review?id=00000000-0000-5000-8000-000000000000`);
  await expect(page.getByTestId('no-report')).toBeVisible({ timeout: 30_000 });
});
