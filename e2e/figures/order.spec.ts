// From the tap that sends every order to the order on a unit's tablet, painted. Both pages read the
// same machine's clock.
import { COUNTY, expect, test } from '../support/journey.ts';

const ORDERS = 60;
/** Left out: the first few warm the page's code. */
const WARM_UP = 10;

test('from the order to the tablet', async ({ browser, page, packs, station }) => {
  const county = await station('calm', 'sqlite');
  const scene = packs.place(COUNTY);
  const context = await browser.newContext({ viewport: { width: 1024, height: 768 }, hasTouch: true, locale: 'zh-CN' });
  const tablet = await context.newPage();
  await tablet.goto(county.base + (await county.door('unit', COUNTY)));
  const { org } = (await (await tablet.request.get(`${county.base}/api/v1/me`)).json()) as { org: string };
  await tablet.goto(`${county.base}/field`);
  await expect(tablet.getByTestId('no-sessions')).toBeVisible();
  await tablet.evaluate(() => {
    const seen: Record<string, number> = {};
    Object.assign(globalThis, { seen });
    new MutationObserver(() => {
      const title = document.querySelector('[data-testid=title]')?.textContent;
      if (!title || seen[title]) return;
      seen[title] = Infinity;
      requestAnimationFrame(() => {
        // A message follows the picture frame that is being made: it has been handed over.
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => (seen[title] = performance.timeOrigin + performance.now());
        port2.postMessage(null);
      });
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });

  await page.goto(county.base + (await county.door('centre', COUNTY)));
  const post = (path: string, body: object) =>
    page.evaluate(async ([to, json]) => {
      const began = performance.timeOrigin + performance.now();
      const answer = await fetch(`/api/v1${to}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: json });
      const text = await answer.text();
      if (!answer.ok) throw new Error(text);
      return [began, text] as const;
    }, [path, JSON.stringify(body)] as const);
  const late: number[] = [];
  for (let n = 0; n < ORDERS; n += 1) {
    const [began, text] = await post('/sessions', {
      kind: 'drill', title: `演练${n}。`, region: scene.region, place: { lon: scene.lon, lat: scene.lat },
      lead: { org }, cooperators: [], order: true, despite: true,
    });
    await expect(tablet.getByTestId('title')).toContainText(`演练${n}。`);
    const painted = await tablet.waitForFunction((title) => {
      const { seen } = globalThis as unknown as { seen: Record<string, number> };
      const found = Object.entries(seen).find(([all, at]) => all.includes(title) && at < Infinity);
      return found?.[1];
    }, `演练${n}。`);
    if (n >= WARM_UP) late.push(((await painted.jsonValue()) as number) - began);
    await post(`/sessions/${(JSON.parse(text) as { id: string }).id}/abort`, { reason: '演练结束' });
  }
  late.sort((a, b) => a - b);
  const share = (p: number) => late[Math.min(late.length - 1, Math.floor(late.length * p))]!.toFixed(0);
  console.log(`order to tablet, ${late.length} orders: p50 ${share(0.5)} ms, p90 ${share(0.9)} ms, p99 ${share(0.99)} ms, most ${share(1)} ms`);
});
