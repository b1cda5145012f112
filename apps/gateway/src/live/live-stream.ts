import { UnauthenticatedError } from '#service-kit';
import type { RequestScope } from '../context/request-scope.js';
import type { Mail, Mailbox } from './mailbox.js';

interface Live<Item, Value> {
  readonly scope: RequestScope;
  readonly mailbox: Mailbox<Item>;
  /** What is now; nothing when the client goes on where it was. Asked after the mailbox is open, so that no change is lost between the two. */
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
    const position = scope.changes.position;
    return new LiveStream(live, withCursor(await live.first(), position), end);
  } catch (error) {
    end();
    throw error;
  }
}

interface Told<Value> {
  readonly value: Value;
  /** Resuming from here misses nothing. Undefined: no further than the value before. */
  readonly cursor: string | undefined;
}

/** Only with the last value has the client all that the position stands for. */
const withCursor = <Value>(values: readonly Value[], position: string | undefined): Told<Value>[] =>
  values.map((value, index) => ({ value, cursor: index === values.length - 1 ? position : undefined }));

class LiveStream<Item, Value> implements AsyncIterableIterator<Value> {
  constructor(
    private readonly live: Live<Item, Value>,
    private readonly ready: Told<Value>[],
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
        // What is published from now on is in the next mail.
        const position = this.live.scope.changes.position;
        this.ready.push(...withCursor(await this.live.next(mail), position));
      }
    } catch (error) {
      this.end();
      throw error;
    }
    // Each value is a request of its own: what hangs off it is as of now.
    this.live.scope.forgetLoaded();
    const told = this.ready.shift();
    if (!told) return { done: true, value: undefined };
    this.live.scope.cursor = told.cursor ?? this.live.scope.cursor;
    return { done: false, value: told.value };
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
