// A county with its server: one process, one log, and what a caller does to it from outside.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from '@playwright/test';
import { BINARY } from './pack.ts';
import { freePort } from './ports.ts';
import { output, Running } from './process.ts';
import { Redis } from './redis.ts';

export interface Receipt {
  id: string;
  number: string;
  region: { code: string; name: string };
  lamp: string;
}

export interface Report {
  external_id: string;
  title: string;
  category?: string;
  lon?: number;
  lat?: number;
  region?: string;
}

export class Station {
  readonly folder = mkdtempSync(join(tmpdir(), 'gridlamp-e2e-'));
  redis?: Redis;
  port = 0;
  private node?: Running;
  private sourceToken = '';

  private constructor(private readonly county: string) {}

  /** A running server on a log of its own; `settings` is its configuration file, given its address. */
  static async start(county: string, log: 'sqlite' | 'redis', settings?: (base: string) => string): Promise<Station> {
    const station = new Station(county);
    station.port = await freePort();
    if (settings) writeFileSync(join(station.folder, 'gridlamp.toml'), settings(station.base));
    if (log === 'redis') station.redis = await Redis.start(join(station.folder, 'redis'));
    station.sourceToken = await station.cli('token', 'create', '--source', '12345');
    await station.start();
    return station;
  }

  get base(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  private get env(): Record<string, string> {
    return {
      GRIDLAMP_LISTEN: `127.0.0.1:${this.port}`,
      GRIDLAMP_LOG: this.redis ? this.redis.url : `sqlite:${join(this.folder, 'gridlamp.db')}`,
      GRIDLAMP_COUNTY: this.county,
      GRIDLAMP_DATA: join(this.folder, 'data'),
    };
  }

  cli(...args: string[]): Promise<string> {
    return output(BINARY, args, this.env);
  }

  async start(): Promise<void> {
    this.node = Running.start(BINARY, ['serve'], this.env, this.folder);
    await expect
      .poll(() => this.isReady(), { message: `the server is ready\n${this.node.output}`, timeout: 30_000 })
      .toBe(true);
  }

  async isReady(): Promise<boolean> {
    if (this.node && !this.node.isRunning) throw new Error(`the server ended:\n${this.node.output}`);
    return fetch(`${this.base}/readyz`).then((answer) => answer.ok, () => false);
  }

  /** kill -9: no chance to say goodbye. */
  async kill(): Promise<void> {
    await this.node?.stop('SIGKILL');
  }

  async close(): Promise<void> {
    await this.node?.stop('SIGTERM');
    await this.redis?.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get cpuSeconds(): number {
    return this.node?.cpuSeconds ?? 0;
  }

  get output(): string {
    return this.node?.output ?? '';
  }

  /** The path of a link that signs a browser in. */
  async door(role: string, scope: string, ...more: string[]): Promise<string> {
    return new URL(await this.cli('link', '--role', role, '--scope', scope, ...more), this.base).pathname;
  }

  async post(report: Report): Promise<Response> {
    return this.send('reports', { source: '12345', ...report }, { 'idempotency-key': report.external_id });
  }

  /** Tells where units are. */
  async postPositions(positions: object[]): Promise<Response> {
    return this.send('positions', positions);
  }

  private send(path: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.base}/api/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.sourceToken}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  }

  /** Reports and insists on 201. */
  async report(report: Report): Promise<Receipt> {
    const answer = await this.post(report);
    const text = await answer.text();
    expect(answer.status, text).toBe(201);
    return JSON.parse(text) as Receipt;
  }

  /** What another system does: no HTTP, an entry in the intake stream. */
  async xadd(report: Report): Promise<void> {
    if (!this.redis) throw new Error('this station has no Redis');
    await this.redis.command('XADD', 'gridlamp:{330899}:intake', '*', 'report', JSON.stringify({ source: '12345', ...report }));
  }
}
