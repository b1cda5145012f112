import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

const LENGTH_BYTES = 4;

/** Stands between a service and its database, so that a test can leave commands without an answer. */
export class DatabaseGate {
  /** What names one of these collections gets no further, and is never answered. Everything else is. */
  swallows: readonly string[] = [];
  private isFrozen = false;
  private readonly held: (() => void)[] = [];
  private readonly sockets = new Set<Socket>();
  private readonly server: Server;

  constructor(private readonly uri: string) {
    this.server = createServer((client) => this.pass(client));
  }

  /** The address to give to the service. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `mongodb://127.0.0.1:${(this.server.address() as AddressInfo).port}/`;
  }

  /** As SIGSTOP does with the database: connections stay open, also new ones, and nothing is answered. */
  freeze(): void {
    this.isFrozen = true;
  }

  /** What was asked meanwhile is answered now. */
  thaw(): void {
    this.isFrozen = false;
    for (const send of this.held.splice(0)) send();
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private pass(client: Socket): void {
    const { hostname, port } = new URL(this.uri);
    const database = connect(Number(port), hostname);
    const pairs = [
      [client, database],
      [database, client],
    ] as const;
    for (const [socket, other] of pairs) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    database.on('data', (data) => client.write(data));
    let rest = Buffer.alloc(0);
    client.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      for (let size = sizeOf(rest); size > 0; size = sizeOf(rest)) {
        this.forward(rest.subarray(0, size), database);
        rest = rest.subarray(size);
      }
    });
  }

  private forward(message: Buffer, database: Socket): void {
    if (this.swallows.some((name) => message.includes(name))) return;
    if (this.isFrozen) this.held.push(() => database.write(message));
    else database.write(message);
  }
}

/** Of the first message, once it is there in full; 0 before. */
function sizeOf(data: Buffer): number {
  const size = data.length >= LENGTH_BYTES ? data.readInt32LE() : Infinity;
  return data.length >= size ? size : 0;
}
