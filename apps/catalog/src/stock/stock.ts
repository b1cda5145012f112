import {
  event,
  StockCommitted,
  StockRejected,
  StockReleased,
  StockReserved,
  StockRestocked,
  StockSet,
  type NewEvent,
  type StockLevel,
} from '#contracts';

export type HoldState = 'RESERVED' | 'REJECTED' | 'RELEASED' | 'EXPIRED' | 'COMMITTED' | 'RESTOCKED';

/** What became of an order's wish for this variant. Only RESERVED counts in `reserved`. */
export interface Hold {
  readonly orderId: string;
  readonly quantity: number;
  readonly state: HoldState;
  readonly until: Date;
  /** Version of the order that brought it into this state: that event, and any before it, has had its effect. */
  readonly orderVersion: number;
  readonly changedAt: Date;
}

/** A count that came with the product: `seq` tells a new count from the one that has been applied. */
export interface Count {
  readonly onHand: number;
  readonly seq: number;
}

/** The pieces of one variant. Invariant: 0 <= reserved <= onHand, reserved = the sum of its RESERVED holds. */
export interface Stock {
  readonly productId: string;
  readonly merchantId: string;
  readonly onHand: number;
  readonly reserved: number;
  /** Live ones, and ended ones until the order's record has them too (see `forgetHandled`). */
  readonly holds: readonly Hold[];
  readonly countSeq: number;
  /** When the next hold runs out; absent when none is live. */
  readonly nextExpiryAt?: Date;
  /** Since when there is an ended hold to forget; absent when there is none. */
  readonly endedSince?: Date;
}

/** An event of an order, seen from one of its variants. */
export interface Demand {
  readonly orderId: string;
  readonly quantity: number;
  readonly orderVersion: number;
  /** What the order's record says became of it, for the time after its hold was forgotten here. */
  readonly known?: HoldState;
}

export interface Change {
  readonly stock: Stock;
  readonly events: readonly NewEvent[];
}
export interface DemandChange extends Change {
  readonly state: HoldState;
}

/** As many as one write may expire: their events have to fit into the outbox. */
export const MOST_EXPIRED_AT_ONCE = 50;

export function openStock(variantId: string, owner: Pick<Stock, 'productId' | 'merchantId'>, count: Count): Change {
  const stock: Stock = { ...owner, onHand: count.onHand, reserved: 0, holds: [], countSeq: count.seq };
  return { stock, events: [event(StockSet, levelOf(variantId, stock))] };
}

/** What can be sold right now: a hold that has run out does not count, swept or not. */
export const availableAt = (stock: Stock, now: Date): number => Math.max(0, stock.onHand - liveAt(stock, now));

export const dueCount = ({ holds }: Stock, now: Date): number => holds.filter((hold) => isDue(hold, now)).length;

/** Sets pieces aside, once for each order. What comes too late, or is not for sale, is rejected like what is not there. */
export function reserve(
  variantId: string,
  before: Stock,
  demand: Demand & { readonly until: Date; readonly forSale: boolean },
  now: Date,
): DemandChange {
  const present = presentState(before, demand);
  if (present !== undefined) return { stock: before, events: [], state: present };
  const { stock, events } = expireDue(variantId, before, now);
  const { until, forSale, quantity, orderId } = demand;
  const isPossible = forSale && until > now && stock.onHand - stock.reserved >= quantity;
  const state = isPossible ? 'RESERVED' : 'REJECTED';
  const next = withHold(stock, { ...holdOf(demand, now), state, until }, { reserved: isPossible ? quantity : 0 });
  const facts = { ...levelOf(variantId, next), orderId, quantity };
  const answer = isPossible
    ? event(StockReserved, { ...facts, expiresAt: until.toISOString() })
    : event(StockRejected, facts);
  return { stock: next, events: [...events, answer], state };
}

/**
 * The order is a sale: its pieces leave. Money is captured well before a reservation runs out, so it is normally there.
 * If this comes after all when it is not, the pieces are taken from what is available; where too few are, nothing is
 * taken and the order is told so (stock.rejected), which then gives the money back: never is a piece sold twice.
 */
export function commit(variantId: string, before: Stock, demand: Demand, now: Date): DemandChange {
  const present = presentState(before, demand);
  if (isHandled(before, demand) || isOver(present) || present === 'COMMITTED')
    return { stock: before, events: [], state: present ?? 'COMMITTED' };
  const { orderId, quantity } = demand;
  const hold = holdOf(demand, now);
  if (present === 'RESERVED') {
    const stock = withHold(before, { ...hold, state: 'COMMITTED' }, { onHand: -quantity, reserved: -quantity });
    const facts = { ...levelOf(variantId, stock), orderId, quantity };
    return { stock, events: [event(StockCommitted, facts)], state: 'COMMITTED' };
  }
  const { stock, events } = expireDue(variantId, before, now);
  const isPossible = stock.onHand - stock.reserved >= quantity;
  const state = isPossible ? 'COMMITTED' : 'REJECTED';
  const next = withHold(stock, { ...hold, state }, { onHand: isPossible ? -quantity : 0 });
  const facts = { ...levelOf(variantId, next), orderId, quantity };
  return { stock: next, events: [...events, event(isPossible ? StockCommitted : StockRejected, facts)], state };
}

/**
 * The order will not be fulfilled: what was set aside is released, what was sold comes back. Where there is nothing to
 * give back (rejected, expired, never asked for) the order is answered all the same, because it waits for each line.
 */
export function giveBack(variantId: string, before: Stock, demand: Demand, now: Date): DemandChange {
  const present = presentState(before, demand);
  if (isHandled(before, demand) || isOver(present)) return { stock: before, events: [], state: present ?? 'RELEASED' };
  const { orderId, quantity } = demand;
  const wasSold = present === 'COMMITTED';
  const state = wasSold ? 'RESTOCKED' : 'RELEASED';
  const delta = { onHand: wasSold ? quantity : 0, reserved: present === 'RESERVED' ? -quantity : 0 };
  const stock = withHold(before, { ...holdOf(demand, now), state }, delta);
  const facts = { ...levelOf(variantId, stock), orderId, quantity };
  const answer = wasSold ? event(StockRestocked, facts) : event(StockReleased, { ...facts, reason: 'CANCELLED' });
  return { stock, events: [answer], state };
}

/** Releases what has run out, the oldest first, at most 50 at once. */
export function expireDue(variantId: string, before: Stock, now: Date): Change {
  const due = before.holds
    .filter((hold) => isDue(hold, now))
    .toSorted((left, right) => left.until.getTime() - right.until.getTime())
    .slice(0, MOST_EXPIRED_AT_ONCE);
  return due.reduce<Change>(
    ({ stock, events }, hold) => {
      const { orderId, quantity } = hold;
      const next = withHold(stock, { ...hold, state: 'EXPIRED', changedAt: now }, { reserved: -quantity });
      const facts = { ...levelOf(variantId, next), orderId, quantity, reason: 'EXPIRED' as const };
      return { stock: next, events: [...events, event(StockReleased, facts)] };
    },
    { stock: before, events: [] },
  );
}

/** The merchant counted. Undefined when fewer are counted than are set aside for orders. */
export function setOnHand(variantId: string, before: Stock, onHand: number, now: Date): Change | undefined {
  const { stock, events } = expireDue(variantId, before, now);
  if (onHand < stock.reserved) return undefined;
  if (onHand === stock.onHand) return { stock, events };
  const next = { ...stock, onHand };
  return { stock: next, events: [...events, event(StockSet, levelOf(variantId, next))] };
}

/**
 * Takes over a count that came with the product, once. Pieces that are set aside for orders stay, whatever it says; those
 * whose time has run out are released first, or they would be there to sell although nobody counted them.
 */
export function takeCount(variantId: string, before: Stock, { onHand, seq }: Count, now: Date): Change {
  if (seq <= before.countSeq) return { stock: before, events: [] };
  const { stock: swept, events } = expireDue(variantId, before, now);
  const stock = { ...swept, onHand: Math.max(onHand, swept.reserved), countSeq: seq };
  if (stock.onHand === before.onHand) return { stock, events };
  return { stock, events: [...events, event(StockSet, levelOf(variantId, stock))] };
}

/**
 * Forgets ended holds whose order's record has reached the same event: from then on that record holds off replays.
 * @param handled up to which version each order's record has come
 */
export function forgetHandled(stock: Stock, handled: ReadonlyMap<string, number>): Stock {
  const isForgotten = ({ state, orderId, orderVersion }: Hold) =>
    state !== 'RESERVED' && (handled.get(orderId) ?? 0) >= orderVersion;
  return scheduled({ ...stock, holds: stock.holds.filter((hold) => !isForgotten(hold)) });
}

export function levelOf(variantId: string, { productId, merchantId, onHand, reserved }: Stock): StockLevel {
  return { variantId, productId, merchantId, onHand, reserved, available: Math.max(0, onHand - reserved) };
}

const isDue = ({ state, until }: Hold, now: Date): boolean => state === 'RESERVED' && until <= now;
const isOver = (state: HoldState | undefined): boolean => state === 'RELEASED' || state === 'RESTOCKED';

const liveAt = ({ holds }: Stock, now: Date): number =>
  holds.reduce((sum, { state, until, quantity }) => (state === 'RESERVED' && until > now ? sum + quantity : sum), 0);

const find = ({ holds }: Stock, orderId: string): Hold | undefined => holds.find((hold) => hold.orderId === orderId);

function presentState(stock: Stock, { orderId, known }: Demand): HoldState | undefined {
  // A hold that the record knows as reserved and that is no more here has expired, and was forgotten after that.
  return find(stock, orderId)?.state ?? (known === 'RESERVED' ? 'EXPIRED' : known);
}

const isHandled = (stock: Stock, { orderId, orderVersion }: Demand): boolean =>
  (find(stock, orderId)?.orderVersion ?? 0) >= orderVersion;

const holdOf = ({ orderId, quantity, orderVersion }: Demand, now: Date) => ({
  orderId,
  quantity,
  orderVersion,
  changedAt: now,
  until: now,
});

function withHold(stock: Stock, hold: Hold, delta: { onHand?: number; reserved?: number }): Stock {
  return scheduled({
    ...stock,
    onHand: stock.onHand + (delta.onHand ?? 0),
    reserved: stock.reserved + (delta.reserved ?? 0),
    holds: [...stock.holds.filter(({ orderId }) => orderId !== hold.orderId), hold],
  });
}

function scheduled({ nextExpiryAt: _next, endedSince: _ended, ...stock }: Stock): Stock {
  const earliest = (dates: readonly Date[]): Date | undefined =>
    dates.reduce<Date | undefined>((first, date) => (first === undefined || date < first ? date : first), undefined);
  const nextExpiryAt = earliest(stock.holds.filter(({ state }) => state === 'RESERVED').map(({ until }) => until));
  const endedSince = earliest(stock.holds.filter(({ state }) => state !== 'RESERVED').map((hold) => hold.changedAt));
  return { ...stock, ...(nextExpiryAt ? { nextExpiryAt } : {}), ...(endedSince ? { endedSince } : {}) };
}
