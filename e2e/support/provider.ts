// An outside identity provider: oidc-provider from npm, on a port of its own, with one client and its
// own sign-in and consent pages.
import { createServer, type Server } from 'node:http';
import Provider from 'oidc-provider';

export class Identity {
  static readonly client = 'gridlamp';
  static readonly secret = 'a-secret-of-the-test-and-of-nothing-else';

  private constructor(private readonly server: Server, readonly issuer: string) {}

  /** Starts it; `back` is where it may send people to afterwards. */
  static async start(back: string, port: number): Promise<Identity> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    const issuer = `http://127.0.0.1:${port}`;
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: Identity.client,
          client_secret: Identity.secret,
          redirect_uris: [back],
          grant_types: ['authorization_code'],
          response_types: ['code'],
        },
      ],
      cookies: { keys: ['keys-of-the-test'] },
      findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
      pkce: { required: () => true },
    });
    server.on('request', provider.callback());
    return new Identity(server, issuer);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
