import { ClientProxyFactory, Transport, type ClientProxy } from '@nestjs/microservices';
import type { ServiceName } from '#contracts';
import type { ServiceAddress } from './config.js';
import { isDown, type OperationHost, type OperationRequest } from './operation-registry.js';
import { fromWireError } from './service-errors.js';
import { OPERATIONS_PATTERN, toWireEntry, type WireReply } from './wire.js';

interface Waiting {
  readonly request: OperationRequest;
  resolve(output: unknown): void;
  reject(error: Error): void;
}

/**
 * A service in another process, over Nest's TCP transport. What is asked in one tick goes out as one request, each
 * entry with its own token; answers come back as they are ready, so that a slow one holds up no other.
 */
export class TcpChannel implements OperationHost {
  private readonly proxy: ClientProxy;
  private queue: Waiting[] = [];

  constructor(
    private readonly service: ServiceName,
    private readonly address: ServiceAddress,
  ) {
    this.proxy = ClientProxyFactory.create({ transport: Transport.TCP, options: { ...address } });
  }

  dispatch(request: OperationRequest): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.queue.push({ request, resolve, reject }) === 1) setImmediate(() => this.flush());
    });
  }

  /** Ends the connection. What still waits for an answer fails with ServiceUnavailableError. */
  close(): void {
    this.proxy.close();
  }

  private flush(): void {
    const batch = this.queue;
    this.queue = [];
    const waiting = new Map(batch.entries());
    const entries = batch.map(({ request }) => toWireEntry(request, new Date()));
    const fail = (): void => {
      const { host, port } = this.address;
      for (const { reject } of waiting.values()) reject(isDown(this.service, `does not answer at ${host}:${port}`));
      waiting.clear();
    };
    this.connect().then(
      () =>
        this.proxy.send<WireReply[]>(OPERATIONS_PATTERN, { entries }).subscribe({
          next: (replies) => replies.forEach((reply) => settle(waiting, reply)),
          // Nest remakes the connection with the next request.
          error: fail,
          complete: fail,
        }),
      fail,
    );
  }

  private async connect(): Promise<void> {
    try {
      await this.proxy.connect();
    } catch (error) {
      // Nest keeps the failed attempt until the socket has closed, a moment later: who asks meanwhile would get it too.
      this.proxy.close();
      throw error;
    }
  }
}

function settle(waiting: Map<number, Waiting>, reply: WireReply): void {
  const entry = waiting.get(reply.index);
  waiting.delete(reply.index);
  if ('error' in reply) entry?.reject(fromWireError(reply.error));
  else entry?.resolve(reply.output);
}
