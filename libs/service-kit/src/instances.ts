import type { OperationHost, OperationRequest } from './operation-registry.js';
import { ServiceUnavailableError } from './service-errors.js';

/** A service of another process. */
export interface RemoteService extends OperationHost {
  /** Ends the connection. */
  close(): void;
}

/** An instance that did not answer is passed over for this long, while another is there. */
const PASS_OVER_MS = 1_000;

/**
 * Several instances of one service: calls go round, and past one that has just failed. A call that failed is not made
 * again elsewhere: it may have had its effect, and only the caller knows whether it may be repeated.
 */
export class Instances implements RemoteService {
  private readonly failedAt = new Map<RemoteService, number>();
  private next = 0;

  constructor(
    private readonly all: readonly [RemoteService, ...RemoteService[]],
    private readonly now: () => number = Date.now,
  ) {}

  async dispatch(request: OperationRequest): Promise<unknown> {
    const host = this.pick();
    try {
      const output = await host.dispatch(request);
      this.failedAt.delete(host);
      return output;
    } catch (error) {
      if (error instanceof ServiceUnavailableError) this.failedAt.set(host, this.now());
      throw error;
    }
  }

  close(): void {
    for (const instance of this.all) instance.close();
  }

  private pick(): RemoteService {
    const turn = this.next++;
    const inTurn = this.all.map((_, index) => this.all[(turn + index) % this.all.length] ?? this.all[0]);
    return inTurn.find((host) => this.now() - (this.failedAt.get(host) ?? -Infinity) >= PASS_OVER_MS) ?? this.all[0];
  }
}
