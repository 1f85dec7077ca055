// A lamp turned red, and somebody looks back: before it there is none, it lights as the record runs, and
// the next one is a key away. Whatever is shown bears the mark of the past.
import { COUNTY, expect, reportAt, test } from '../support/journey.ts';

test('a red lamp is seen again as it lit', async ({ page, packs, station }) => {
  const county = await station('drill', 'sqlite');
  const before = Date.now();
  const first = await county.report(reportAt(packs, COUNTY, 'past-1'));
  const second = await county.report(reportAt(packs, COUNTY, 'past-2', 1));

  await page.goto(county.base + (await county.door('centre', COUNTY)));
  const lamp = (id: string): Promise<string> =>
    page.evaluate((of) => fetch(`/api/v1/incidents/${of}`).then((answer) => answer.json()).then((one: { lamp: string }) => one.lamp), id);
  await expect.poll(() => lamp(second.id), { timeout: 20_000 }).toMatch(/red$/);
  await expect.poll(() => lamp(first.id)).toMatch(/red$/);

  // Just after the reports, when nothing was late yet.
  const at = new Date(before + 2_000).toISOString();
  await page.goto(`${county.base}/replay?at=${at}&speed=10&hours=1`);
  const shown = page.getByTestId('replay');
  const red = page.locator('[data-testid="red-row"][data-lamp$="red"]');
  await expect(page.getByTestId('transport')).toHaveAttribute('data-state', 'ready', { timeout: 30_000 });
  await expect(page.getByTestId('replay-mark')).toHaveText(/回放/);
  await expect(page.getByTestId('ticker-row')).not.toHaveCount(0);
  await expect(red).toHaveCount(0);

  // The record runs, and the lamp lights.
  await page.keyboard.press('Space');
  await expect(page.getByTestId('play')).toHaveAttribute('aria-pressed', 'true');
  await expect(red).not.toHaveCount(0, { timeout: 20_000 });

  // Back to before, and at once to the next red lamp.
  const time = Math.floor(new Date(at).getTime() / 1000);
  await page.goto(`${county.base}/replay?at=${at}&hours=1`);
  await expect(shown).toHaveAttribute('data-at', String(time), { timeout: 30_000 });
  await expect(red).toHaveCount(0);
  await page.keyboard.press(']');
  await expect(red).toHaveCount(1, { timeout: 20_000 });
  await expect(page.getByTestId('replay-status')).toContainText('路面塌陷');
  await expect(page).toHaveURL(/at=.*&speed=10/);

  // At the fastest it comes to the end of the record by itself.
  await page.getByTestId('speed-300').click();
  await page.keyboard.press('Space');
  await expect(page.getByTestId('transport')).toHaveAttribute('data-state', 'end', { timeout: 20_000 });
  await expect(red).toHaveCount(2);

  // Before the first record there is nothing to show, and it is said.
  await page.goto(`${county.base}/replay?at=2020-01-01T00:00:00Z`);
  await expect(page.getByTestId('replay-status')).toContainText('早于最早的记录', { timeout: 30_000 });
});
