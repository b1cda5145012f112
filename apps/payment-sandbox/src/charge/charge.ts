import { money, type Money } from '#contracts';

export type ChargeState = 'PENDING' | 'AUTHORIZED' | 'DECLINED' | 'VOIDED' | 'EXPIRED' | 'CAPTURED' | 'REFUNDED';

/** One line of the books. */
export interface Entry {
  readonly kind: 'capture' | 'refund';
  /** Idempotency key of the request: each makes one entry at most. */
  readonly key: string;
  readonly amountMinor: number;
  readonly at: Date;
}

/** A message to the shop that it has not acknowledged yet. */
export interface Callback {
  readonly id: string;
  /** JSON, as it is signed and sent. */
  readonly body: string;
  readonly attempts: number;
  readonly nextAt: Date;
}

/** One payment, from its authorisation on. Its id is the idempotency key of that. */
export interface Charge {
  readonly orderId: string;
  readonly amount: Money;
  readonly token: string;
  readonly state: ChargeState;
  readonly entries: readonly Entry[];
  /** While PENDING: what will be decided, and when. */
  readonly decision?: 'AUTHORIZED' | 'DECLINED';
  readonly decideAt?: Date;
  /** While AUTHORIZED: the buyer's bank keeps the money until then. */
  readonly expiresAt?: Date;
  readonly callbackUrl?: string;
  readonly callbacks: readonly Callback[];
  /** Next moment at which something is to be done; absent when nothing is. */
  readonly dueAt?: Date | undefined;
}

export interface Delays {
  /** tok_timeout_then_…: from the request to the decision. */
  readonly decideMs: number;
  /** tok_late_approve: from the shop's deadline to the approval. */
  readonly lateMs: number;
  /** How long an unanswered request is kept waiting before it is cut off. */
  readonly silenceMs: number;
  /** How long an authorisation lives. */
  readonly authorizationMs: number;
  /** Callbacks are sent again after 1, 2, 4 … times this … */
  readonly callbackRetryMs: number;
  /** … but at least this often. */
  readonly callbackRetryMaxMs: number;
}

export const DELAYS: Delays = {
  decideMs: 3_000,
  lateMs: 2_000,
  silenceMs: 60_000,
  authorizationMs: 7 * 24 * 3_600_000,
  callbackRetryMs: 500,
  callbackRetryMaxMs: 30_000,
};

export interface AuthorizationRequest {
  readonly orderId: string;
  readonly amount: Money;
  readonly token: string;
  readonly callbackUrl?: string | undefined;
  /** When the shop stops waiting. */
  readonly respondBy?: Date | undefined;
}

/** Tokens stand for what the buyer's bank will do. Any other is declined. */
export const isSilent = (token: string): boolean => token.startsWith('tok_timeout_then_');
const APPROVED = new Set(['tok_approve', 'tok_duplicate_callback', 'tok_timeout_then_approve', 'tok_late_approve']);

const after = (at: Date, ms: number): Date => new Date(at.getTime() + ms);

export function authorize(id: string, request: AuthorizationRequest, at: Date, delays: Delays): Charge {
  const { orderId, amount, token, callbackUrl, respondBy } = request;
  const decideAt = decisionTime(token, respondBy, at, delays);
  const decision = APPROVED.has(token) ? 'AUTHORIZED' : 'DECLINED';
  const charge: Charge = {
    orderId,
    amount,
    token,
    state: 'PENDING',
    entries: [],
    decision,
    decideAt,
    ...(callbackUrl === undefined ? {} : { callbackUrl }),
    callbacks: [],
  };
  return pass(id, scheduled(charge), at, delays);
}

function decisionTime(token: string, respondBy: Date | undefined, at: Date, delays: Delays): Date {
  if (isSilent(token)) return after(at, delays.decideMs);
  return token === 'tok_late_approve' ? after(respondBy ?? at, delays.lateMs) : at;
}

/** Nothing was ever authorised under this key, and nothing will be: a request that comes late finds it voided. */
export const blocked = (orderId: string, amount: Money): Charge => ({
  orderId,
  amount,
  token: '',
  state: 'VOIDED',
  entries: [],
  callbacks: [],
});

/** What time alone changes: decisions that are due, authorisations that run out. */
export function pass(id: string, charge: Charge, at: Date, delays: Delays): Charge {
  const { state, decision, decideAt, expiresAt } = charge;
  if (state === 'PENDING' && decision && decideAt && decideAt <= at) {
    const { decision: _, decideAt: __, ...rest } = charge;
    const lives = decision === 'AUTHORIZED' ? { expiresAt: after(at, delays.authorizationMs) } : {};
    return changed(id, { ...rest, ...lives }, decision, at);
  }
  return state === 'AUTHORIZED' && expiresAt && expiresAt <= at ? changed(id, charge, 'EXPIRED', at) : charge;
}

/** What a request leads to; `problem` when it can't be done in the state that the charge is in. */
export interface Answer {
  readonly charge: Charge;
  readonly problem?: string;
}

export function voidIt(id: string, charge: Charge, at: Date): Answer {
  switch (charge.state) {
    case 'AUTHORIZED':
      return { charge: changed(id, charge, 'VOIDED', at) };
    case 'PENDING':
      return { charge, problem: 'NOT_DECIDED' };
    case 'CAPTURED':
    case 'REFUNDED':
      return { charge, problem: 'ALREADY_CAPTURED' };
    default:
      return { charge };
  }
}

export function capture(id: string, charge: Charge, key: string, at: Date): Answer {
  if (charge.entries.some((entry) => entry.key === key)) return { charge };
  if (charge.state !== 'AUTHORIZED') return { charge, problem: 'NOT_AUTHORIZED' };
  return { charge: changed(id, booked(charge, 'capture', key, at), 'CAPTURED', at) };
}

export function refund(id: string, charge: Charge, key: string, at: Date): Answer {
  if (charge.entries.some((entry) => entry.key === key)) return { charge };
  if (charge.state !== 'CAPTURED') return { charge, problem: 'NOT_CAPTURED' };
  return { charge: changed(id, booked(charge, 'refund', key, at), 'REFUNDED', at) };
}

const booked = (charge: Charge, kind: Entry['kind'], key: string, at: Date): Charge => ({
  ...charge,
  entries: [...charge.entries, { kind, key, amountMinor: charge.amount.amountMinor, at }],
});

export function sumOf({ entries, amount }: Charge, kind: Entry['kind']): Money {
  const sum = entries.reduce((total, entry) => total + (entry.kind === kind ? entry.amountMinor : 0), 0);
  return money(sum, amount.currency);
}

/** What the shop is told of a charge, in answers and callbacks. */
export const statementOf = (id: string, charge: Charge) => ({
  key: id,
  orderId: charge.orderId,
  state: charge.state,
  amount: charge.amount,
  captured: sumOf(charge, 'capture'),
  refunded: sumOf(charge, 'refund'),
});

// ---- callbacks

function changed(id: string, charge: Charge, state: ChargeState, at: Date): Charge {
  const next = { ...charge, state };
  if (next.callbackUrl === undefined) return scheduled(next);
  const body = JSON.stringify({ type: 'charge.changed', at: at.toISOString(), charge: statementOf(id, next) });
  const callback: Callback = { id: `${id}:${state}`, body, attempts: 0, nextAt: at };
  const copies =
    charge.token === 'tok_duplicate_callback' ? [callback, { ...callback, id: `${id}:${state}:2` }] : [callback];
  return scheduled({ ...next, callbacks: [...next.callbacks, ...copies] });
}

/** The callbacks to send now: the earliest one only, so that the shop hears of changes in their order. */
export const dueCallback = (charge: Charge, at: Date): Callback | undefined =>
  charge.callbacks.slice(0, 1).find(({ nextAt }) => nextAt <= at);

export const acknowledged = (charge: Charge, callbackId: string): Charge =>
  scheduled({ ...charge, callbacks: charge.callbacks.filter(({ id }) => id !== callbackId) });

export const failed = (charge: Charge, callbackId: string, at: Date, delays: Delays): Charge =>
  scheduled({
    ...charge,
    callbacks: charge.callbacks.map((callback) =>
      callback.id === callbackId
        ? { ...callback, attempts: callback.attempts + 1, nextAt: after(at, retryDelayMs(callback.attempts, delays)) }
        : callback,
    ),
  });

const retryDelayMs = (attempts: number, { callbackRetryMs, callbackRetryMaxMs }: Delays): number =>
  Math.min(callbackRetryMaxMs, callbackRetryMs * 2 ** Math.min(attempts, 20));

function scheduled(charge: Charge): Charge {
  const moments = [
    charge.state === 'PENDING' ? charge.decideAt : undefined,
    charge.state === 'AUTHORIZED' ? charge.expiresAt : undefined,
    charge.callbacks[0]?.nextAt,
  ].flatMap((moment) => (moment ? [moment.getTime()] : []));
  return { ...charge, dueAt: moments.length === 0 ? undefined : new Date(Math.min(...moments)) };
}
