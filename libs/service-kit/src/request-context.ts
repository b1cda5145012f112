import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { writeContext } from '#persistence';
import type { Caller } from './caller.js';

/** What belongs to the request that is being worked on, wherever in the code it is. */
export interface RequestContext {
  /** `request_…`, in every line that is logged meanwhile. */
  readonly requestId: string;
  /** W3C trace context; events that the request causes carry it. */
  readonly traceparent: string;
  readonly caller: Caller | null;
  /** The caller's access token, passed on when a service asks another for the same caller. */
  readonly token?: string;
  /** Nobody waits for the answer after this. */
  readonly deadlineAt: Date;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** The request that is being worked on; undefined outside of any, as at start-up. */
export const currentRequest = (): RequestContext | undefined => storage.getStore();

export const runInRequest = <Result>(context: RequestContext, work: () => Result): Result =>
  storage.run(context, () => writeContext.run({ traceparent: context.traceparent }, work));

/** A trace of its own: version 00, random ids, sampled. */
export const newTraceparent = (random: (bytes: number) => Buffer = randomBytes): string =>
  `00-${random(16).toString('hex')}-${random(8).toString('hex')}-01`;
