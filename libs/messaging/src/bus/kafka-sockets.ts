import { connect, type Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';

const KEEP_ALIVE_MS = 60_000;

/**
 * All sockets of a client. kafkajs (2.2.4) forgets a broker when a consumer crashes on a connection that was closed, and a
 * heartbeat of that consumer which is still tried again connects to it once more: no `disconnect` knows of this connection.
 * For as long as the broker keeps it (Kafka does for 10 min) it keeps the process from ending.
 */
export class KafkaSockets {
  private readonly open = new Set<Socket>();
  private closed = false;

  readonly factory: ISocketFactory = ({ host, port, onConnect }) => {
    if (this.closed) throw new Error('the Kafka client is closed');
    const socket = connect({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
    return socket;
  };

  /** For when all clients are disconnected: ends what they have forgotten, and lets nothing connect any more. */
  close(): void {
    this.closed = true;
    for (const socket of this.open) {
      // An error, as kafkajs ends the timer of a connection for that, and not for its end alone.
      if (!socket.writableEnded) socket.destroy(new Error('the Kafka client is closed'));
    }
  }
}
