import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually } from '#testing';
import { booksOf } from './support/books.js';
import { seedOf } from './support/config.js';
import { signUp, type Person } from './support/people.js';
import { seeded } from './support/random.js';
import {
  availableOf,
  fillCart,
  list,
  openShop,
  orderOf,
  placeOrder,
  type PlacedOrder,
  type Shop,
} from './support/shop.js';
import { OneProcess } from './support/system.js';

/** The process is killed this often with orders in PENDING, in RESERVED and with a payment under way. */
const KILLS = 10;
/** A kill that came a moment too early or too late to strike all of these does not count. */
const MOST_KILLS = 20;
const ORDERS_EACH = 8;
/** A round has buyers of its own, who may still be waiting for an answer while the next rounds run. */
const GROUPS = 2;
/** The last ones are sent one after the other, so that the kill finds some of them just stored. */
const STAGGER_MS = 15;
/** Of the one product there is enough for all, of the other one not. */
const PIECES = { plenty: 200, scarce: 20 };
const FINAL = new Set(['CONFIRMED', 'CANCELLED']);
const LONG = { timeoutMs: 90_000, intervalMs: 250 };

/** An order that its buyer insists on, whatever happens to the connection. */
interface Wish {
  readonly buyer: Person;
  readonly cartId: string;
  readonly clientMutationKey: string;
  readonly paymentToken: string;
}
type Ordered = Wish & { readonly id: string };
/** When the process was killed, in ms since the epoch. */
type Kill = number;
interface Round {
  readonly kill: Kill;
  readonly ordered: readonly Ordered[];
}

const seed = seedOf();
const random = seeded(seed);
let system: OneProcess;
let shop: Shop;
let plenty: string;
let scarce: string;
let groups: Person[][];
const buyerOf = new Map<string, Person>();

beforeAll(async () => {
  // Orders that were struck wait for their pieces as long as the kills go on.
  const times = { ORDER_RESERVE_MS: '240000', ORDER_GRACE_MS: '2000', PAYMENT_SANDBOX_DECIDE_MS: '4000' };
  system = await OneProcess.start(undefined, times);
  shop = await openShop(await signUp(system.api, 'Ana'));
  ({ variantId: plenty } = await list(shop, 'Lamp', PIECES.plenty));
  ({ variantId: scarce } = await list(shop, 'Scarce lamp', PIECES.scarce));
  const names = Array.from({ length: ORDERS_EACH }, (_, index) => `Buyer ${index}`);
  groups = [];
  for (let group = 0; group < GROUPS; group++)
    groups.push(await Promise.all(names.map((name) => signUp(system.api, name))));
}, 150_000);

afterAll(() => system?.stop(), 60_000);

/** The bank is silent about the first ones for a while, so that a payment is under way when the process dies. */
const tokenOf = (index: number): string => {
  if (index < 2) return index === 0 ? 'tok_timeout_then_approve' : 'tok_timeout_then_decline';
  return random() < 0.2 ? 'tok_decline' : 'tok_approve';
};

async function wish(buyer: Person, round: number, index: number): Promise<Wish | undefined> {
  const isHasty = index >= 2;
  const cartId = await eventually(
    async () => (isHasty ? await fillCart(buyer, scarce) : undefined) ?? (await fillCart(buyer, plenty)),
    LONG,
  );
  const clientMutationKey = `round-${round}-${index}`;
  return cartId === undefined ? undefined : { buyer, cartId, clientMutationKey, paymentToken: tokenOf(index) };
}

/** The order's id; undefined when the connection broke before the answer. */
async function place({ buyer, ...placement }: Wish): Promise<string | undefined> {
  try {
    const result = await placeOrder(buyer, placement);
    return result.__typename === 'Order' ? result.id : '';
  } catch {
    return undefined;
  }
}

/** Asks again under the same key until there is an answer. Undefined when the answer is that nothing is left. */
async function insist(wished: Wish): Promise<Ordered | undefined> {
  const id = await eventually(async () => {
    const answered = await place(wished);
    if (answered === undefined) throw new Error('no answer yet');
    return answered;
  }, LONG);
  return id === '' ? undefined : { ...wished, id };
}

/** Orders that were on their way when the process was killed; the process runs again. */
async function strike(number: number): Promise<{ kill: Kill; wishes: Wish[] }> {
  const buyers = groups[number % GROUPS] ?? [];
  const wishes = (await Promise.all(buyers.map((buyer, index) => wish(buyer, number, index)))).filter(
    (wished) => wished !== undefined,
  );
  const slow = wishes.slice(0, 2);
  const placed = await Promise.all(slow.map(place));
  await eventually(async () => {
    const orders = await Promise.all(slow.map(({ buyer }, index) => orderOf(buyer, placed[index] ?? '')));
    if (orders.every(({ state }) => state !== 'RESERVED')) throw new Error('none is RESERVED yet');
  }, LONG);
  // The rest is on its way when the process dies: some of it acknowledged, some not.
  const hasty = wishes.slice(2).map((wished, index) => pause(index * STAGGER_MS).then(() => place(wished)));
  await Promise.race(hasty);
  await pause(random() * 5);
  const kill = Date.now();
  await system.kill();
  await Promise.all(hasty);
  await system.restart();
  return { kill, wishes };
}

async function insistOnAll({ kill, wishes }: { kill: Kill; wishes: Wish[] }): Promise<Round> {
  const ordered = await Promise.all(wishes.map(insist));
  return { kill, ordered: ordered.filter((order) => order !== undefined) };
}

/** This many more kills, and how many of them struck all that they were to strike. */
async function kill(times: number, rounds: Promise<Round>[]): Promise<number> {
  const first = rounds.length;
  for (let number = first; number < first + times; number++) {
    await rounds[number - GROUPS];
    rounds.push(insistOnAll(await strike(number)));
  }
  const done = await Promise.all(rounds.slice(first));
  const strikes = await Promise.all(done.map(struck));
  return strikes.filter(Boolean).length;
}

/** The state that an order was in when the process died. */
const stateAt = ({ history }: PlacedOrder, kill: Kill): string | undefined =>
  history.filter(({ at }) => Date.parse(at) <= kill).at(-1)?.state;

/** Whether a kill struck an order in PENDING, and one in RESERVED whose payment the provider had not decided yet. */
async function struck({ kill, ordered }: Round): Promise<boolean> {
  const orders = await Promise.all(
    ordered.map(async ({ buyer, id, paymentToken }) => ({
      state: stateAt(await orderOf(buyer, id), kill),
      isSlow: paymentToken.includes('timeout'),
    })),
  );
  return (
    orders.some(({ state }) => state === 'PENDING') &&
    orders.some(({ state, isSlow }) => isSlow && state === 'RESERVED')
  );
}

/** Every order in the state that it ended in. */
async function endsOf(orders: readonly Ordered[]): Promise<Map<string, PlacedOrder>> {
  const ended = new Map<string, PlacedOrder>();
  await eventually(async () => {
    for (const { buyer, id } of orders.filter((order) => !ended.has(order.id))) {
      const order = await orderOf(buyer, id);
      if (!FINAL.has(order.state)) throw new Error(`${id} is ${order.state}`);
      ended.set(id, order);
    }
  }, LONG);
  return ended;
}

async function soldOf(orders: Iterable<PlacedOrder>, variantId: string): Promise<number> {
  const query = 'query($id: ID!) { order(id: $id) { lines { variantId quantity } } }';
  let sold = 0;
  for (const { id, state } of orders) {
    const buyer = buyerOf.get(id);
    if (state !== 'CONFIRMED' || !buyer) continue;
    const { order } = await buyer.api.ask<{ order: { lines: { variantId: string; quantity: number }[] } }>(query, {
      id,
    });
    for (const line of order.lines) if (line.variantId === variantId) sold += line.quantity;
  }
  return sold;
}

test(`killed ${KILLS} times while orders run, every order ends, nothing is sold or charged twice (SEED=${seed})`, async () => {
  const rounds: Promise<Round>[] = [];
  let strikes = 0;
  while (strikes < KILLS && rounds.length < MOST_KILLS) strikes += await kill(KILLS - strikes, rounds);
  expect(strikes).toBe(KILLS);

  const orders = (await Promise.all(rounds)).flatMap(({ ordered }) => ordered);
  for (const { id, buyer } of orders) buyerOf.set(id, buyer);
  const ended = await endsOf(orders);
  const books = await booksOf(system.sandboxUrl);

  expect(ended.size).toBe(orders.length);
  for (const [variantId, pieces] of [
    [plenty, PIECES.plenty],
    [scarce, PIECES.scarce],
  ] as const) {
    const sold = await soldOf(ended.values(), variantId);
    expect(sold).toBeGreaterThan(0);
    expect(sold).toBeLessThanOrEqual(pieces);
    await eventually(async () => expect(await availableOf(shop.owner, variantId)).toBe(pieces - sold), LONG);
  }
  for (const { id, state } of ended.values()) {
    expect({ id, captures: books.get(id)?.captures ?? 0 }).toEqual({ id, captures: state === 'CONFIRMED' ? 1 : 0 });
  }
  expect([...books.values()].filter(({ captures, orderId }) => captures > 0 && !ended.has(orderId))).toEqual([]);
}, 900_000);
