// A wire that can be cut: what a browser's own off-line switch leaves open, this closes.
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class Wire {
  private readonly sockets = new Set<Socket>();
  private state: 'whole' | 'cut' | 'held' | 'mute' = 'whole';

  private constructor(private readonly server: Server) {}

  static async to(port: number): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server);
    server.on('connection', (near) => wire.join(near, port));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  get base(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private join(near: Socket, port: number): void {
    if (this.state === 'cut') {
      near.destroy();
      return;
    }
    const far = connect(port, '127.0.0.1');
    for (const [from, to] of [[near, far], [far, near]] as const) {
      this.sockets.add(from);
      from.on('data', (chunk) => {
        const passes = this.state === 'whole' || (this.state === 'mute' && from === near);
        if (!passes) return;
        to.write(chunk);
      });
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }

  /** Ends every connection and refuses new ones. */
  cut(): void {
    this.state = 'cut';
    for (const socket of this.sockets) socket.destroy();
  }

  /** Keeps connections open and silent: the far end seems to sleep. What is sent meanwhile is lost. */
  hold(): void {
    this.state = 'held';
  }

  /** What is asked arrives, and no answer comes back. */
  mute(): void {
    this.state = 'mute';
  }

  /** Lets new connections through; one that lost bytes cannot go on and is ended. */
  mend(): void {
    for (const socket of this.sockets) socket.destroy();
    this.state = 'whole';
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
