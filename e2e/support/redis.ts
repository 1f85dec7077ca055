// A Redis of one's own, on a free port, with the durability that operators are told to use.
import { mkdirSync } from 'node:fs';
import { expect } from '@playwright/test';
import { freePort } from './ports.ts';
import { output, Running } from './process.ts';

export class Redis {
  private running?: Running;

  private constructor(readonly port: number, private readonly folder: string) {}

  static async start(folder: string): Promise<Redis> {
    mkdirSync(folder, { recursive: true });
    const redis = new Redis(await freePort(), folder);
    await redis.start();
    return redis;
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const settings = {
      port: String(this.port),
      bind: '127.0.0.1',
      dir: this.folder,
      appendonly: 'yes',
      appendfsync: 'always',
      save: '',
    };
    const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value]);
    this.running = Running.start('redis-server', args);
    await expect.poll(() => this.command('PING').catch(String), { message: 'Redis answers' }).toBe('PONG');
  }

  async stop(): Promise<void> {
    await this.running?.stop('SIGTERM');
  }

  command(...parts: string[]): Promise<string> {
    return output('redis-cli', ['-h', '127.0.0.1', '-p', String(this.port), ...parts]);
  }
}
