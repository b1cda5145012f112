import { money, type Money, type PaymentStatus } from '#contracts';

/** What the shop asks of the provider, each at most once for an order: the key is order id and step. */
export type PaymentStep = 'authorize' | 'capture' | 'void' | 'refund';

/**
 * A call that is to be made, written down before it is made. Open until the provider's state shows that it is not
 * needed any more: after a crash it is made again under the same key, which has no second effect.
 */
export interface Intent {
  readonly open: boolean;
  readonly attempts: number;
  /** From then on the call may be made (again). Whoever wants to make it moves this on first, so that others wait. */
  readonly retryAt: Date;
}

export const PROVIDER_STATES = [
  'PENDING',
  'AUTHORIZED',
  'DECLINED',
  'VOIDED',
  'EXPIRED',
  'CAPTURED',
  'REFUNDED',
] as const;
export type ProviderState = (typeof PROVIDER_STATES)[number];

/** All that the provider says of a payment, whichever call it answers. */
export interface ProviderTruth {
  readonly state: ProviderState;
  readonly amount: Money;
  readonly captured: Money;
  readonly refunded: Money;
}

/** The part of an order that is about its money. */
export interface Payment {
  readonly state: PaymentStatus;
  readonly captured: Money;
  readonly refunded: Money;
  /** What the provider said last; absent before it said anything. */
  readonly known?: ProviderState;
  readonly intents: { readonly [Step in PaymentStep]?: Intent };
}

/** A provider never goes back along this order, so an answer of a lower rank is old news. */
const RANK: Record<ProviderState, number> = {
  PENDING: 0,
  AUTHORIZED: 1,
  DECLINED: 1,
  VOIDED: 2,
  EXPIRED: 2,
  CAPTURED: 2,
  REFUNDED: 3,
};
const STATUS: Record<ProviderState, PaymentStatus> = {
  PENDING: 'UNCERTAIN',
  AUTHORIZED: 'AUTHORIZED',
  DECLINED: 'DECLINED',
  VOIDED: 'VOIDED',
  EXPIRED: 'VOIDED',
  CAPTURED: 'CAPTURED',
  REFUNDED: 'REFUNDED',
};

export const noPayment = (currency: string): Payment => ({
  state: 'NONE',
  captured: money(0, currency),
  refunded: money(0, currency),
  intents: {},
});

/** Takes over what the provider said, unless it has said something later already. */
export function learn(payment: Payment, truth: ProviderTruth): Payment {
  const { known } = payment;
  const isNews = known === undefined || RANK[truth.state] > RANK[known];
  const isCertainAgain = truth.state === known && payment.state !== STATUS[known];
  if (!isNews && !isCertainAgain) return payment;
  const { captured, refunded } = truth;
  return { ...payment, known: truth.state, state: STATUS[truth.state], captured, refunded };
}

/** The provider has said its last word on it, and keeps no money. */
export const isUndone = ({ known, intents }: Payment): boolean =>
  intents.authorize === undefined ||
  known === 'DECLINED' ||
  known === 'VOIDED' ||
  known === 'EXPIRED' ||
  known === 'REFUNDED';

/** Writes the call down, due at once. */
export const openIntent = (payment: Payment, step: PaymentStep, at: Date): Payment =>
  payment.intents[step] === undefined
    ? { ...payment, intents: { ...payment.intents, [step]: { open: true, attempts: 0, retryAt: at } } }
    : payment;

export function closeIntents(payment: Payment, ...steps: PaymentStep[]): Payment {
  const open = steps.filter((step) => payment.intents[step]?.open);
  if (open.length === 0) return payment;
  const closed = open.map((step) => [step, { ...payment.intents[step], open: false }]);
  return { ...payment, intents: { ...payment.intents, ...Object.fromEntries(closed) } };
}

const BY_URGENCY = ['refund', 'void', 'capture', 'authorize'] as const;

/** The call to be made now or later: the one that undoes most comes first. */
export const nextStep = ({ intents }: Payment): PaymentStep | undefined =>
  BY_URGENCY.find((step) => intents[step]?.open);

export interface RetryPolicy {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * After an answer that left it open, or none: again after 1, 2, 4 … times firstMs, or down to half of that: `spread`,
 * from 0 to 1, keeps orders that were put off together from coming back together.
 */
export function postpone(payment: Payment, step: PaymentStep, at: Date, policy: RetryPolicy, spread: number): Payment {
  const intent = payment.intents[step];
  if (!intent?.open) return payment;
  const longestMs = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.min(intent.attempts, 20));
  const delayMs = Math.ceil((longestMs * (1 + spread)) / 2);
  const postponed = { ...intent, attempts: intent.attempts + 1, retryAt: new Date(at.getTime() + delayMs) };
  return { ...payment, intents: { ...payment.intents, [step]: postponed } };
}

/** Nobody knows whether the call had its effect. */
export const doubt = (payment: Payment, step: PaymentStep): Payment =>
  payment.intents[step]?.open ? { ...payment, state: 'UNCERTAIN' } : payment;

/** The call may be made at once: what it waited for has come. */
export function hasten(payment: Payment, step: PaymentStep, at: Date): Payment {
  const intent = payment.intents[step];
  return intent?.open && intent.retryAt > at ? due(payment, step, intent, at) : payment;
}

/**
 * Takes the call that is due, for whoever writes this down; should they die over it, it is due again at `until`. Where
 * there is no place for it the call stays due, and nothing is in doubt: it was not made.
 */
export function claim(
  payment: Payment,
  at: Date,
  until: Date,
  takePlace: () => boolean,
): { payment: Payment; step?: PaymentStep } {
  const step = nextStep(payment);
  const intent = step && payment.intents[step];
  if (!intent || intent.retryAt > at || !takePlace()) return { payment };
  return { payment: due(payment, step, intent, until), step };
}

const due = (payment: Payment, step: PaymentStep, intent: Intent, retryAt: Date): Payment => ({
  ...payment,
  intents: { ...payment.intents, [step]: { ...intent, retryAt } },
});
