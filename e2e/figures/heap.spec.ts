// The page's memory over a simulated day: measured after a collection, every half hour of that day.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { BINARY } from '../support/pack.ts';
import { freePort } from '../support/ports.ts';
import { Running } from '../support/process.ts';

/** How much faster than life the day passes. */
const SPEED = Number(process.env.GRIDLAMP_FIGURES_SPEED ?? 240);
const HOURS = 24;

test('the heap over a simulated day', async ({ page }) => {
  test.setTimeout(HOURS * 3_600_000 / SPEED + 180_000);
  const folder = mkdtempSync(join(tmpdir(), 'gridlamp-heap-'));
  const listen = `127.0.0.1:${await freePort()}`;
  const demo = Running.start(BINARY, ['demo', '--speed', String(SPEED)], { GRIDLAMP_LISTEN: listen, GRIDLAMP_DATA: folder });
  try {
    const door = /http:\S+\/enter\S+/;
    await expect.poll(() => door.test(demo.output), { timeout: 120_000 }).toBe(true);
    await expect.poll(() => fetch(`http://${listen}/readyz`).then((a) => a.ok, () => false), { timeout: 60_000 }).toBe(true);
    await page.addInitScript(() => {
      const keep = (made: WebAssembly.WebAssemblyInstantiatedSource | WebAssembly.Instance) => {
        const exports = ('instance' in made ? made.instance : made).exports;
        if (exports.memory) Object.assign(globalThis, { appMemory: exports.memory });
        return made;
      };
      for (const name of ['instantiate', 'instantiateStreaming'] as const) {
        const own = WebAssembly[name] as (...given: unknown[]) => Promise<never>;
        Object.assign(WebAssembly, { [name]: (...given: unknown[]) => own.apply(WebAssembly, given).then(keep) });
      }
    });
    await page.goto(demo.output.match(door)![0]);
    await expect(page.getByTestId('map')).toHaveAttribute('data-ready', 'true', { timeout: 60_000 });
    const tools = await page.context().newCDPSession(page);
    const rows: { hour: number; heap: number; wasm: number; nodes: number }[] = [];
    const began = Date.now() + 20_000; // the demo first catches up on its morning
    for (let hour = 0; hour <= HOURS; hour += 0.5) {
      await new Promise((done) => setTimeout(done, Math.max(0, began + (hour * 3_600_000) / SPEED - Date.now())));
      await tools.send('HeapProfiler.collectGarbage');
      await tools.send('HeapProfiler.collectGarbage');
      const { usedSize } = await tools.send('Runtime.getHeapUsage');
      const rest = await page.evaluate(() => ({
        wasm: (globalThis as unknown as { appMemory?: WebAssembly.Memory }).appMemory?.buffer.byteLength ?? 0,
        nodes: document.querySelectorAll('*').length,
      }));
      rows.push({ hour, heap: usedSize, ...rest });
    }
    const mean = (from: number, to: number, of: 'heap' | 'wasm' | 'nodes') => {
      const part = rows.filter((row) => row.hour >= from && row.hour < to);
      return part.reduce((sum, row) => sum + row[of], 0) / part.length;
    };
    for (const of of ['heap', 'wasm', 'nodes'] as const) {
      const scale = of === 'nodes' ? 1 : 1e6;
      const quarters = [0, 6, 12, 18].map((from) => (mean(from, from + 6, of) / scale).toFixed(1));
      const ratio = mean(18, 24, of) / mean(6, 12, of);
      console.log(`${of}, mean of each quarter of the day: ${quarters.join('  ')}  last to second: ${ratio.toFixed(2)}`);
    }
  } finally {
    await demo.stop('SIGTERM');
    rmSync(folder, { recursive: true, force: true });
  }
});
