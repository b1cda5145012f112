import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Connection, type ConnectionOptions } from './connection.js';
import { FramePool } from './frame-pool.js';

/** What the clients' last answers may take when the broker closes. */
const drainLimitMs = 500;

/** The TCP side of the broker. */
export class Listener {
  readonly #connections = new Set<Connection>();
  readonly #servers: Server[] = [];
  readonly #options: ConnectionOptions;
  readonly #pool = new FramePool();

  constructor(options: ConnectionOptions) {
    this.#options = options;
  }

  /**
   * Resolves with the port; rejects with EADDRINUSE when it is taken. `localhost` is both addresses of that name, as
   * some clients take the one and some the other.
   */
  async listen(host: string, port: number): Promise<number> {
    if (host !== 'localhost') return this.#listenAt(host, port);
    const taken = await this.#listenAt('127.0.0.1', port);
    try {
      await this.#listenAt('::1', taken);
    } catch (error) {
      if (hasAddress(error)) {
        await this.close();
        throw error;
      }
    }
    return taken;
  }

  #listenAt(host: string, port: number): Promise<number> {
    const server = createServer((socket) => this.#welcome(socket));
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen({ host, port, exclusive: true }, () => {
        server.off('error', reject);
        this.#servers.push(server);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }

  #welcome(socket: Socket): void {
    const connection = new Connection(socket, this.#options, this.#pool);
    this.#connections.add(connection);
    socket.once('close', () => this.#connections.delete(connection));
  }

  /** Takes no new clients, lets those that are there have their answers for a moment, and hangs up. */
  async close(): Promise<void> {
    const closed = Promise.all(
      this.#servers.map((server) => new Promise<void>((resolve) => server.close(() => resolve()))),
    );
    const idle = Promise.all([...this.#connections].map((connection) => connection.idle()));
    let cancel = (): void => undefined;
    const limit = new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, drainLimitMs);
      cancel = () => clearTimeout(timer);
    });
    await Promise.race([idle, limit]);
    cancel();
    for (const connection of this.#connections) connection.destroy();
    await closed;
  }
}

/** Whether it is another reason than that the machine has no such address. */
function hasAddress(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code !== 'EADDRNOTAVAIL' && code !== 'EAFNOSUPPORT';
}
