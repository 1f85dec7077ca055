// From XADD to a painted lamp: 50 reports a second go into the intake stream, and the page notes when
// the map, drawn anew, shows one more. Both read the same machine's clock.
import { Socket } from 'node:net';
import { COUNTY, expect, reportAt, test, Wall } from '../support/journey.ts';

const A_SECOND = 50;
const SECONDS = 30;
/** Left out: the first seconds compile shaders and warm the page's code. */
const WARM_UP = 5;

test('from XADD to a painted lamp at 50 events a second', async ({ page, packs, station }) => {
  const county = await station('calm', 'redis');
  const wall = await Wall.open(page, county.base, county);
  await wall.mapIsDrawn();
  await page.evaluate(() => {
    const map = document.querySelector<HTMLElement>('[data-testid=map]')!;
    const seen: [number, number][] = [];
    Object.assign(globalThis, { seen });
    new MutationObserver(() => {
      const lamps = Number(map.dataset.lamps);
      // A message follows the picture frame that is being made: it has been handed over.
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = () => seen.push([performance.timeOrigin + performance.now(), lamps]);
      port2.postMessage(null);
    }).observe(map, { attributes: true, attributeFilter: ['data-lamps'] });
  });

  const redis = new Socket();
  await new Promise<void>((done) => redis.connect(county.redis!.port, '127.0.0.1', done));
  redis.resume();
  const sent: number[] = [];
  const began = performance.now();
  for (let n = 0; n < A_SECOND * SECONDS; n += 1) {
    const due = began + (n * 1000) / A_SECOND;
    await new Promise((done) => setTimeout(done, Math.max(0, due - performance.now())));
    const report = JSON.stringify({ source: '12345', ...reportAt(packs, COUNTY, `paint-${n}`, n) });
    sent.push(performance.timeOrigin + performance.now());
    redis.write(request('XADD', `gridlamp:{${COUNTY}}:intake`, '*', 'report', report));
  }
  await expect(wall.map).toHaveAttribute('data-lamps', String(sent.length));
  redis.destroy();

  const seen = await page.evaluate(() => (globalThis as unknown as { seen: [number, number][] }).seen);
  const late: number[] = [];
  let at = 0;
  sent.forEach((began, n) => {
    while (seen[at]![1] <= n) at += 1;
    if (n >= A_SECOND * WARM_UP) late.push(seen[at]![0] - began);
  });
  late.sort((a, b) => a - b);
  const share = (p: number) => late[Math.min(late.length - 1, Math.floor(late.length * p))]!.toFixed(0);
  console.log(
    `XADD to painted lamp, ${A_SECOND}/s, ${late.length} reports: p50 ${share(0.5)} ms, p90 ${share(0.9)} ms, ` +
      `p99 ${share(0.99)} ms, most ${share(1)} ms (target: p99 under 250 ms)`,
  );
});

function request(...parts: string[]): string {
  return `*${parts.length}\r\n` + parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('');
}
