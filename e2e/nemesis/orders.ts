import { setTimeout as pause } from 'node:timers/promises';
import type { Person } from '../support/people.js';
import type { OrderSeen } from './checker/recording.js';
import type { Bought } from './load.js';

const FINAL = new Set(['CONFIRMED', 'SHIPPED', 'DELIVERED', 'CANCELLED']);
const AT_ONCE = 8;
const AGAIN_AFTER_MS = 200;

/** The states of a buyer's orders, in one request. */
async function statesOf(buyer: Person, ids: readonly string[]): Promise<Map<string, string>> {
  const fields = ids.map((id, index) => `o${index}: order(id: ${JSON.stringify(id)}) { id state }`);
  const answer = await buyer.api.ask<Record<string, { id: string; state: string } | null>>(`{ ${fields.join(' ')} }`);
  return new Map(Object.values(answer).flatMap((order) => (order ? [[order.id, order.state]] : [])));
}

/** Looks at all orders. Those that can't be seen are missing. */
export async function seeOrders(bought: readonly Bought[]): Promise<Map<string, string>> {
  const byBuyer = new Map<Person, string[]>();
  for (const { buyer, id } of bought) byBuyer.set(buyer, [...(byBuyer.get(buyer) ?? []), id]);
  const queue = [...byBuyer];
  const states = new Map<string, string>();
  const look = async (): Promise<void> => {
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
      const seen = await statesOf(...next).catch(() => new Map<string, string>());
      for (const [id, state] of seen) states.set(id, state);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, look));
  return states;
}

/** Waits until all orders are final, and says when each was first seen to be, from `since` on. */
export async function untilFinal(
  bought: readonly Bought[],
  since: number,
  withinMs: number,
): Promise<Map<string, number>> {
  const finalAfterMs = new Map<string, number>();
  for (;;) {
    const open = bought.filter(({ id }) => !finalAfterMs.has(id));
    const seenAt = Date.now() - since;
    for (const [id, state] of await seeOrders(open)) if (FINAL.has(state)) finalAfterMs.set(id, seenAt);
    if (finalAfterMs.size === bought.length || Date.now() - since > withinMs) return finalAfterMs;
    await pause(AGAIN_AFTER_MS);
  }
}

export const ordersSeen = (
  states: ReadonlyMap<string, string>,
  finalAfterMs: ReadonlyMap<string, number>,
): OrderSeen[] => [...states].map(([id, state]) => ({ id, state, finalAfterMs: finalAfterMs.get(id) ?? null }));
