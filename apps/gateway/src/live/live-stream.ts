import { UnauthenticatedError } from '#service-kit';
import type { RequestScope } from '../context/request-scope.js';
import type { Mail, Mailbox } from './mailbox.js';

interface Live<Item, Value> {
  readonly scope: RequestScope;
  readonly mailbox: Mailbox<Item>;
  /** What is now. Asked after the mailbox is open, so that no change is lost between the two. */
  readonly first: () => Promise<readonly Value[]>;
  /** What the mail means for the client; empty when it means nothing. */
  readonly next: (mail: Mail<Item>) => Promise<readonly Value[]>;
}

const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * A subscription: what is now, then what changes, until the client leaves, the access token expires or a service fails
 * for good. Not a generator: those can't be left while they wait.
 */
export async function liveStream<Item, Value>(live: Live<Item, Value>): Promise<AsyncIterableIterator<Value>> {
  const { scope, mailbox } = live;
  const stopClock = failAtExpiry(scope, mailbox);
  const end = (): void => {
    stopClock();
    mailbox.close();
  };
  try {
    return new LiveStream(live, [...(await live.first())], end);
  } catch (error) {
    end();
    throw error;
  }
}

class LiveStream<Item, Value> implements AsyncIterableIterator<Value> {
  constructor(
    private readonly live: Live<Item, Value>,
    private readonly ready: Value[],
    private readonly end: () => void,
  ) {}

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Value>> {
    try {
      while (this.ready.length === 0) {
        const mail = await this.live.mailbox.take();
        if (!mail) return { done: true, value: undefined };
        this.ready.push(...(await this.live.next(mail)));
      }
    } catch (error) {
      this.end();
      throw error;
    }
    // Each value is a request of its own: what hangs off it is as of now.
    this.live.scope.forgetLoaded();
    return { done: false, value: this.ready.shift() as Value };
  }

  async return(): Promise<IteratorResult<Value>> {
    this.end();
    return { done: true, value: undefined };
  }
}

function failAtExpiry({ visitor }: RequestScope, mailbox: Mailbox<unknown>): () => void {
  if (visitor.expiresAtMs === undefined) return () => undefined;
  const ms = Math.min(Math.max(0, visitor.expiresAtMs - Date.now()), MAX_TIMER_MS);
  const timer = setTimeout(() => mailbox.fail(new UnauthenticatedError('The access token has expired')), ms);
  timer.unref();
  return () => clearTimeout(timer);
}
