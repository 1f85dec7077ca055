// One township's director and the next township's matters: not by address, not by the interface, not
// by the live connection.
import { browserOf, Desk } from '../support/desk.ts';
import { expect, reportAt, test, Wall } from '../support/journey.ts';

test("a neighbour's incident stays a neighbour's", async ({ page, browser, packs, station }) => {
  const county = await station('calm', 'sqlite');
  const [here, elsewhere] = packs.townships() as [string, string];
  const theirs = await county.report(reportAt(packs, elsewhere, 'theirs'));
  const mine = await county.report(reportAt(packs, here, 'mine'));
  const admin = await Desk.administrator(page, county);
  const link = await admin.invite({ id: 'director', name: '陈伟', role: 'command_room', org: here, director: true });
  const { page: director } = await Desk.welcomed(await browserOf(browser), county.base, link);

  // By address: the wall of the neighbour's scope is one's own.
  await director.goto(`${county.base}/wall?scope=${elsewhere}`);
  const wall = new Wall(director);
  await wall.isLive();
  await expect(wall.map).toHaveAttribute('data-scope', here);
  await expect(wall.tickerOf(mine.id).first()).toBeVisible();
  await expect(wall.tickerOf(theirs.id)).toHaveCount(0);

  // By the interface.
  const asked = (path: string, method = 'GET') =>
    director.evaluate(async ([path, method]) => {
      const answer = await fetch(path, { method, headers: { 'content-type': 'application/json' }, body: method === 'GET' ? null : '{}' });
      return { status: answer.status, body: await answer.text() };
    }, [path, method] as const);
  expect((await asked(`/api/v1/incidents/${mine.id}`)).status).toBe(200);
  const direct = await asked(`/api/v1/incidents/${theirs.id}`);
  expect([403, 404]).toContain(direct.status);
  expect(direct.body).not.toContain('路面塌陷');
  expect((await asked(`/api/v1/snapshot?scope=${elsewhere}`)).status).toBe(403);
  expect((await asked(`/api/v1/incidents/${theirs.id}/accept`, 'POST')).status).toBeGreaterThanOrEqual(400);
  for (const query of ['', `?scope=${elsewhere}`, `?region=${elsewhere}`]) {
    expect((await asked(`/api/v1/incidents${query}`)).body).not.toContain(theirs.id);
  }

  // By the live connection: it is closed or refused, and nothing of theirs is ever said on it.
  const heard = await director.evaluate(
    (url) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(url, 'gridlamp.v1');
        let all = '';
        socket.onmessage = (event) => (all += String(event.data));
        socket.onclose = (event) => resolve(`${all} closed ${event.code}`);
      }),
    `${county.base.replace('http', 'ws')}/api/v1/live?scope=${elsewhere}`,
  );
  expect(heard).not.toContain(theirs.id);
  expect(heard).toContain('closed');
});
