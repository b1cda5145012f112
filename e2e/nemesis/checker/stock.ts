import { histories, stockOf, type Check, type Message, type VariantSeen } from './recording.js';

export const STOCK_TOPIC = 'catalog.stock.v1';

/** What a variant's events add up to, counted from what became of each order's pieces. */
export interface Ledger {
  readonly live: ReadonlyMap<string, number>;
  readonly sold: ReadonlyMap<string, number>;
  readonly available: number | undefined;
  readonly problems: readonly string[];
}

const sum = (pieces: ReadonlyMap<string, number>): number => [...pieces.values()].reduce((all, one) => all + one, 0);

/** Counts a variant's events, and holds the counts that each of them carries against its own at every version. */
export function ledgerOf({ variantId, initial }: VariantSeen, history: readonly Message[]): Ledger {
  const live = new Map<string, number>();
  const sold = new Map<string, number>();
  const problems: string[] = [];
  let last: number | undefined;
  for (const message of history) {
    const { onHand, reserved, available, orderId = '', quantity } = stockOf(message);
    const at = `${variantId} at version ${message.version} (${message.type})`;
    const wrong = book({ type: message.type, orderId, quantity }, live, sold);
    if (wrong !== undefined) problems.push(`${at}: ${wrong}`);
    const [held, gone] = [sum(live), sum(sold)];
    if (held + gone > initial) problems.push(`${at}: ${held} reserved and ${gone} sold of ${initial} are too many`);
    if (reserved < 0 || reserved > onHand) problems.push(`${at}: ${reserved} reserved of ${onHand}`);
    if (reserved !== held) problems.push(`${at}: it says ${reserved} reserved, its orders have ${held}`);
    if (onHand !== initial - gone) problems.push(`${at}: it says ${onHand} on hand, ${gone} of ${initial} are sold`);
    if (available !== onHand - reserved) problems.push(`${at}: it says ${available} available`);
    last = available;
  }
  return { live, sold, available: last, problems: problems.slice(0, 5) };
}

interface Entry {
  readonly type: string;
  readonly orderId: string;
  readonly quantity: number;
}

/** Books one event. A release of what was never set aside answers an order that waits for it, and moves nothing. */
function book({ type, orderId, quantity }: Entry, live: Map<string, number>, sold: Map<string, number>) {
  switch (type) {
    case 'stock.reserved':
      if (live.has(orderId) || sold.has(orderId)) return `${orderId} has its pieces already`;
      live.set(orderId, quantity);
      return undefined;
    case 'stock.committed':
      if (sold.has(orderId)) return `${orderId} was sold to before`;
      live.delete(orderId);
      sold.set(orderId, quantity);
      return undefined;
    case 'stock.released':
      live.delete(orderId);
      return undefined;
    case 'stock.restocked':
      return sold.delete(orderId) ? undefined : `${orderId} gives back what it never had`;
    default:
      return undefined;
  }
}

/** Reserved and sold are never more than there is, every reservation ends, and the API shows what is left. */
export const checkStock: Check = (recording) => {
  const events = histories(recording, STOCK_TOPIC);
  return recording.variants.flatMap((variant) => {
    const { live, available, problems } = ledgerOf(variant, events.get(variant.variantId) ?? []);
    const held = [...live.keys()].map((orderId) => `${variant.variantId}: ${orderId} still has pieces set aside`);
    const shown =
      available === variant.available
        ? []
        : [`${variant.variantId}: the API shows ${variant.available} available, its events say ${available}`];
    return [...problems, ...held, ...shown];
  });
};
