import type { Server, Socket } from 'node:net';
import { ServerTCP } from '@nestjs/microservices';
import { Observable } from 'rxjs';
import type { ServiceAddress } from './config.js';
import { withDeadline } from './deadline.js';
import type { OperationHost } from './operation-registry.js';
import { ServiceError, toWireError } from './service-errors.js';
import { fromWireEntry, OPERATIONS_PATTERN, type WireReply, type WireRequest } from './wire.js';

const HANG_UP_WITHIN_MS = 500;

/** The address is taken or can't be listened on. code ADDRESS */
export class AddressError extends Error {
  readonly code = 'ADDRESS';
}

/** Takes operations of other processes by Nest's TCP transport. */
export class TcpIntake {
  private readonly sockets = new Set<Socket>();
  private readonly server: ServerTCP;

  constructor(
    private readonly host: OperationHost,
    private readonly address: ServiceAddress,
  ) {
    this.server = new ServerTCP({ ...address });
    this.server.addHandler(OPERATIONS_PATTERN, async (request: WireRequest) => this.answer(request));
    this.server.unwrap<Server>().on('connection', (socket) => {
      this.sockets.add(socket);
      socket.once('close', () => this.sockets.delete(socket));
    });
  }

  /** Errors: AddressError. */
  async listen(): Promise<void> {
    const { host, port } = this.address;
    await new Promise<void>((resolve, reject) => {
      const refuse = (error: Error): void =>
        reject(new AddressError(`Can't listen on ${host}:${port}: ${error.message}`));
      this.server.unwrap<Server>().once('error', refuse);
      this.server.listen(() => resolve());
    });
  }

  /** Ends the connections after what was answered has left. */
  async close(): Promise<void> {
    const closed = [...this.sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    for (const socket of this.sockets) socket.end();
    await withDeadline(Promise.all(closed), HANG_UP_WITHIN_MS, () => new Error('late')).catch(() => undefined);
    this.server.close();
  }

  /** Replies as they are ready; those of one tick together. */
  private answer({ entries }: WireRequest): Observable<WireReply[]> {
    return new Observable((subscriber) => {
      let ready: WireReply[] = [];
      let left = entries.length;
      const flush = (): void => {
        subscriber.next(ready);
        left -= ready.length;
        ready = [];
        if (left === 0) subscriber.complete();
      };
      for (const [index, entry] of entries.entries()) {
        const reply = (reply: WireReply): void => {
          if (ready.push(reply) === 1) setImmediate(flush);
        };
        this.host.dispatch(fromWireEntry(entry, new Date())).then(
          (output) => reply({ index, output }),
          (error: unknown) => reply({ index, error: wireErrorOf(error) }),
        );
      }
    });
  }
}

const wireErrorOf = (error: unknown) =>
  error instanceof ServiceError
    ? toWireError(error)
    : { code: 'INTERNAL' as const, message: 'Something went wrong here', id: 'unknown' };
