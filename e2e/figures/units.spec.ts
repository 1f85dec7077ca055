// 2,000 units at one position a second: what it costs the server with 50 clients, half of whom show
// the county and half a part of it; what each of them is sent, and how smoothly the wall draws it.
import { Socket } from 'node:net';
import { COUNTY, expect, test, Wall } from '../support/journey.ts';

const UNITS = 2_000;
const CLIENTS = 50;
const SECONDS = 30;
/** Bodies a second, each of as large a share of the units. */
const BODIES = 4;
/** Metres a second, along a circle of 300 m. */
const SPEED = 10;
const RADIUS = 300;
const METRES_PER_DEGREE = 111_320;

test('2,000 units at one position a second', async ({ page, packs, station }) => {
  const crowd = packs.crowded(UNITS);
  const county = await station(crowd, 'sqlite');
  const reader = await county.cli('token', 'create', '--reader');
  const clients = await Promise.all(Array.from({ length: CLIENTS }, () => Client.to(county.port, reader)));
  const wall = await Wall.open(page, county.base, county);
  await wall.mapIsDrawn();

  const homes = crowd.units.map((_, n) => packs.place(COUNTY, n));
  // An eighth of the units, wherever they live: a strip of the map.
  const easts = homes.map(({ lon }) => lon).sort((a, b) => a - b);
  const [looking, wide] = [clients.slice(0, CLIENTS / 2), clients.slice(CLIENTS / 2)];
  looking.forEach((client) => client.show([easts[0]! - 0.01, -90, easts[UNITS / 8]!, 90]));
  const part = UNITS / BODIES;
  const tell = (turn: number) => {
    const first = (turn % BODIES) * part;
    const angle = ((turn / BODIES) * SPEED) / RADIUS;
    return county.postPositions(
      crowd.units.slice(first, first + part).map((unit, n) => {
        const { lon, lat } = homes[first + n]!;
        const [east, north] = [Math.cos(angle + n), Math.sin(angle + n)].map((share) => (share * RADIUS) / METRES_PER_DEGREE) as [number, number];
        return { unit, lon: lon + east / Math.cos((lat * Math.PI) / 180), lat: lat + north, at: new Date().toISOString(), source: 'vehicle', speed: SPEED };
      }),
    );
  };
  const answers: number[] = [];
  const run = async (from: number, seconds: number) => {
    const began = performance.now();
    for (let turn = 0; turn < seconds * BODIES; turn += 1) {
      await new Promise((done) => setTimeout(done, Math.max(0, began + (turn * 1000) / BODIES - performance.now())));
      const sent = performance.now();
      const answer = await tell(from + turn);
      answers.push(performance.now() - sent);
      const { taken, ignored } = (await answer.json()) as { taken: number; ignored: object };
      expect(taken, JSON.stringify(ignored)).toBe(part);
    }
  };
  // Left out: the first seconds compile shaders and warm the page's code.
  await run(0, 8);
  answers.length = 0;
  clients.forEach((client) => (client.bytes = 0));
  await page.evaluate(() => {
    const frames: number[] = [];
    Object.assign(globalThis, { frames });
    const next = (at: number) => {
      frames.push(at);
      requestAnimationFrame(next);
    };
    requestAnimationFrame(next);
  });
  const before = county.cpuSeconds;
  await run(8 * BODIES, SECONDS);
  const cpu = county.cpuSeconds - before;
  const frames = await page.evaluate(() => (globalThis as unknown as { frames: number[] }).frames);
  const gaps = frames.slice(1).map((at, n) => at - frames[n]!);
  const share = (all: number[], p: number) => [...all].sort((a, b) => a - b)[Math.floor(all.length * p)]!.toFixed(0);
  const rate = (some: Client[]) => (some.reduce((sum, client) => sum + client.bytes, 0) / some.length / SECONDS / 1024).toFixed(0);
  const [part8, whole] = [rate(looking), rate(wide)];
  clients.forEach((client) => client.end());
  console.log(
    `${UNITS} units at 1 Hz, ${CLIENTS} clients and a wall, ${SECONDS} s: server ${(cpu / SECONDS).toFixed(2)} CPU s/s, ` +
      `${whole} KiB/s to a client, ${part8} KiB/s to one that shows an eighth of it, a body of ${part} answered in p50 ${share(answers, 0.5)} ms, p99 ${share(answers, 0.99)} ms; ` +
      `the wall ${((frames.length - 1) / ((frames.at(-1)! - frames[0]!) / 1000)).toFixed(0)} frames/s, a frame p50 ${share(gaps, 0.5)} ms, p99 ${share(gaps, 0.99)} ms`,
  );
});

/** A client that only counts, so that it costs little of the machine it shares with the server. */
class Client {
  bytes = 0;
  private held: Buffer = Buffer.alloc(0);

  private constructor(private readonly socket: Socket) {}

  /** Says which part of the map it shows: west, south, east, north. */
  show(box: number[]): void {
    const text = Buffer.from(JSON.stringify({ t: 'view', box }));
    this.socket.write(Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]));
  }

  static async to(port: number, token: string): Promise<Client> {
    const socket = new Socket().setNoDelay();
    await new Promise<void>((done) => socket.connect(port, '127.0.0.1', done));
    const client = new Client(socket);
    const head = ['Host: figures', `Authorization: Bearer ${token}`, 'Connection: Upgrade', 'Upgrade: websocket',
      'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Protocol: gridlamp.v1'];
    socket.write(`GET /api/v1/live?scope=${COUNTY} HTTP/1.1\r\n${head.join('\r\n')}\r\n\r\n`);
    await new Promise<void>((done, failed) => {
      socket.once('data', (first) => {
        const text = first.toString('latin1');
        if (!text.startsWith('HTTP/1.1 101')) return failed(new Error(text.slice(0, 200)));
        client.take(first.subarray(text.indexOf('\r\n\r\n') + 4));
        socket.on('data', (chunk) => client.take(chunk));
        done();
      });
    });
    return client;
  }

  end(): void {
    this.socket.destroy();
  }

  private take(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.held = this.held.length ? Buffer.concat([this.held, chunk]) : chunk;
    for (;;) {
      const short = (this.held[1] ?? 0) & 0x7f;
      const head = short === 127 ? 10 : short === 126 ? 4 : 2;
      if (this.held.length < head) return;
      const length = short === 127 ? Number(this.held.readBigUInt64BE(2)) : short === 126 ? this.held.readUInt16BE(2) : short;
      if (this.held.length < head + length) return;
      // A ping carries nothing; its answer is masked with zeros.
      if ((this.held[0]! & 0x0f) === 9) this.socket.write(Buffer.from([0x8a, 0x80, 0, 0, 0, 0]));
      this.held = this.held.subarray(head + length);
    }
  }
}
