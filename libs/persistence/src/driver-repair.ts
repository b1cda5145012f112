import { createRequire } from 'node:module';
import type { Socket } from 'node:net';

/** What is needed of the driver's own connection class. */
interface DriverConnection {
  readonly socket: Socket;
  readonly error?: Error | null;
  onClose(): void;
  writeCommand(...given: unknown[]): Promise<void>;
}

const require = createRequire(createRequire(import.meta.url).resolve('mongoose'));

/**
 * mongodb (7.8, 7.9) waits for `drain` without end when it writes to a socket that is destroyed and has not said so yet:
 * `close` comes only at the end of the event loop's turn. When a server is killed while this process is busy, all its sockets
 * are in that state at once, the first that closes makes the monitor ask whether the server is there, and it asks on its own
 * dead socket. It never asks again, and the server stays away for this client for as long as it lives. Here such a write
 * fails at once, as one to a closed connection does.
 */
export function repairDriver(): void {
  const { Connection } = require('mongodb/lib/cmap/connection.js') as { Connection: { prototype: DriverConnection } };
  const { prototype } = Connection;
  if (repaired.has(prototype)) return;
  repaired.add(prototype);
  const { writeCommand } = prototype;
  prototype.writeCommand = function (this: DriverConnection, ...given: unknown[]): Promise<void> {
    if (!this.socket.destroyed) return writeCommand.apply(this, given);
    this.onClose();
    return Promise.reject(this.error ?? new Error('the connection is closed'));
  };
}

const repaired = new WeakSet<DriverConnection>();
