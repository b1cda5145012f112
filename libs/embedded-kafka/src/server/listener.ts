import { createServer, type AddressInfo, type Server } from 'node:net';
import { Connection, type ConnectionOptions } from './connection.js';
import { FramePool } from './frame-pool.js';

/** What the clients' last answers may take when the broker closes. */
const drainLimitMs = 500;

/** The TCP side of the broker. */
export class Listener {
  readonly #connections = new Set<Connection>();
  readonly #server: Server;

  constructor(options: ConnectionOptions) {
    const pool = new FramePool();
    this.#server = createServer((socket) => {
      const connection = new Connection(socket, options, pool);
      this.#connections.add(connection);
      socket.once('close', () => this.#connections.delete(connection));
    });
  }

  /** Resolves with the port; rejects with EADDRINUSE when it is taken. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, exclusive: true }, () => {
        this.#server.off('error', reject);
        resolve((this.#server.address() as AddressInfo).port);
      });
    });
  }

  /** Takes no new clients, lets those that are there have their answers for a moment, and hangs up. */
  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
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
