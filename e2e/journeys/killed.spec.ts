// kill -9 at any moment: whatever was answered 2xx is still there, on either log.
import { COUNTY, expect, reportAt, test, Wall } from '../support/journey.ts';

for (const log of ['sqlite', 'redis'] as const) {
  test(`a killed node has lost nothing it promised (${log})`, async ({ page, packs, station }) => {
    const county = await station('calm', log);
    const wall = await Wall.open(page, county.base, county);

    // Several callers at once, so that the kill meets appends on their way.
    const promised: string[] = [];
    let going = true;
    const caller = async (name: number) => {
      for (let nth = 0; going && nth < 500; nth += 1) {
        const answer = await county.post(reportAt(packs, COUNTY, `kill-${name}-${nth}`, name * 31 + nth)).catch(() => undefined);
        const body = answer?.ok ? await answer.json().catch(() => undefined) : undefined;
        if (!body) return;
        promised.push((body as { id: string }).id);
      }
    };
    const callers = [0, 1, 2, 3].map(caller);
    await expect.poll(() => promised.length, { intervals: [10] }).toBeGreaterThan(40);
    await county.kill();
    going = false;
    await Promise.all(callers);

    await county.start();
    await wall.isLive();
    const reader = await county.cli('token', 'create', '--reader');
    const lost = [];
    for (const id of promised) {
      const answer = await fetch(`${county.base}/api/v1/incidents/${id}`, { headers: { authorization: `Bearer ${reader}` } });
      if (answer.status !== 200) lost.push(id);
    }
    expect(lost).toEqual([]);
    const reported = async () => Number((await wall.figure('reported').innerText()).replace(/\D/g, ''));
    await expect.poll(reported).toBeGreaterThanOrEqual(promised.length);
  });
}
