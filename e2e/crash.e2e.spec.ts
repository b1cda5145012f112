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

/** The process is killed this often, each time while orders are on their way. */
const KILLS = 10;
const ORDERS_EACH = 5;
const PIECES = 30;
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

const seed = seedOf();
const random = seeded(seed);
let system: OneProcess;
let shop: Shop;
let variantId: string;
let buyers: Person[];

beforeAll(async () => {
  system = await OneProcess.start(undefined, { ORDER_GRACE_MS: '2000', PAYMENT_SANDBOX_DECIDE_MS: '4000' });
  shop = await openShop(await signUp(system.api, 'Ana'));
  ({ variantId } = await list(shop, 'Scarce lamp', PIECES));
  const names = Array.from({ length: ORDERS_EACH }, (_, index) => `Buyer ${index}`);
  buyers = await Promise.all(names.map((name) => signUp(system.api, name)));
}, 150_000);

afterAll(() => system?.stop(), 60_000);

/** The bank is silent about the first ones for a while, so that a payment is under way when the process dies. */
const tokenOf = (index: number): string => {
  if (index < 2) return index === 0 ? 'tok_timeout_then_approve' : 'tok_timeout_then_decline';
  return random() < 0.2 ? 'tok_decline' : 'tok_approve';
};

async function wish(buyer: Person, round: number, index: number): Promise<Wish | undefined> {
  const cartId = await eventually(() => fillCart(buyer, variantId), LONG);
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

async function round(number: number): Promise<{ kill: Kill; ordered: Ordered[] }> {
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
  const hasty = wishes.slice(2).map(place);
  await Promise.race(hasty);
  await pause(random() * 10);
  const kill = Date.now();
  await system.kill();
  await Promise.all(hasty);
  await system.restart();
  const ordered = await Promise.all(wishes.map(insist));
  return { kill, ordered: ordered.filter((order) => order !== undefined) };
}

/** The state that an order was in when the process died. */
const stateAt = ({ history }: PlacedOrder, kill: Kill): string | undefined =>
  history.filter(({ at }) => Date.parse(at) <= kill).at(-1)?.state;

test(`killed ${KILLS} times while orders run, every order ends, nothing is sold or charged twice (SEED=${seed})`, async () => {
  const rounds: { kill: Kill; ordered: Ordered[] }[] = [];
  for (let number = 0; number < KILLS; number++) rounds.push(await round(number));

  const orders = rounds.flatMap(({ ordered }) => ordered);
  const ended = new Map<string, PlacedOrder>();
  await eventually(async () => {
    for (const { buyer, id } of orders) {
      if (!ended.has(id)) {
        const order = await orderOf(buyer, id);
        if (!FINAL.has(order.state)) throw new Error(`${id} is ${order.state}`);
        ended.set(id, order);
      }
    }
  }, LONG);
  const books = await booksOf(system.sandboxUrl);

  expect(new Set(orders.map(({ id }) => id)).size).toBe(orders.length);
  const confirmed = [...ended.values()].filter(({ state }) => state === 'CONFIRMED');
  expect(confirmed.length).toBeGreaterThan(0);
  expect(confirmed.length).toBeLessThanOrEqual(PIECES);
  await eventually(async () => expect(await availableOf(shop.owner, variantId)).toBe(PIECES - confirmed.length), LONG);
  for (const { id, state } of ended.values()) {
    expect({ id, captures: books.get(id)?.captures ?? 0 }).toEqual({ id, captures: state === 'CONFIRMED' ? 1 : 0 });
  }
  const known = new Set(ended.keys());
  expect([...books.values()].filter(({ captures, orderId }) => captures > 0 && !known.has(orderId))).toEqual([]);

  const struck = rounds.map(({ kill, ordered }) =>
    ordered.map(({ id, paymentToken }) => ({ state: stateAt(ended.get(id)!, kill), paymentToken })),
  );
  const timesSeen = (state: string, token: RegExp) =>
    struck.filter((orders) => orders.some((order) => order.state === state && token.test(order.paymentToken))).length;
  expect(timesSeen('PENDING', /./)).toBe(KILLS);
  // The provider had been asked, and had not answered.
  expect(timesSeen('RESERVED', /timeout/)).toBe(KILLS);
}, 900_000);
