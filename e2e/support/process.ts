// One process of this machine: started, watched, stopped; what it said is kept for when it fails.
import { readFileSync } from 'node:fs';
import { spawn, execFile, type ChildProcess } from 'node:child_process';
import { promisify } from 'node:util';

const KEPT_LINES = 200;

export class Running {
  private readonly said: string[] = [];
  private readonly ended: Promise<void>;
  private exited = false;

  private constructor(private readonly child: ChildProcess) {
    const keep = (chunk: Buffer) => {
      this.said.push(...chunk.toString().split('\n').filter(Boolean));
      this.said.splice(0, Math.max(0, this.said.length - KEPT_LINES));
    };
    child.stdout?.on('data', keep);
    child.stderr?.on('data', keep);
    this.ended = new Promise((resolve) => {
      const end = () => {
        this.exited = true;
        resolve();
      };
      child.once('exit', end);
      child.once('error', (error) => {
        this.said.push(String(error));
        end();
      });
    });
  }

  static start(program: string, args: string[], env: Record<string, string> = {}, cwd?: string): Running {
    return new Running(spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  get isRunning(): boolean {
    return !this.exited;
  }

  /** CPU seconds used so far, by Linux's count. */
  get cpuSeconds(): number {
    const stat = readFileSync(`/proc/${this.child.pid}/stat`, 'utf8');
    const [user, system] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 13);
    return (Number(user) + Number(system)) / 100;
  }

  get output(): string {
    return this.said.join('\n');
  }

  /** Ends it and waits until it has ended. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    if (!this.exited) this.child.kill(signal);
    await this.ended;
  }
}

/** Runs to the end and gives back its standard output, trimmed. */
export async function output(program: string, args: string[], env: Record<string, string> = {}): Promise<string> {
  const { stdout } = await promisify(execFile)(program, args, {
    env: { ...process.env, ...env },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.trim();
}
