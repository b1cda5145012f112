import type { Stored } from '#persistence';
import { statementOf, type Charge } from './charge.js';

interface Totals {
  captured: number;
  refunded: number;
}

/** All that was ever charged and paid back, for each order, and its sums in minor units for each currency. */
export function booksOf(charges: readonly Stored<Charge>[]) {
  const totals = new Map<string, Totals>();
  const orders = charges.map(({ id, state }) => {
    const { captured, refunded, ...statement } = statementOf(id, state);
    const sum = totals.get(captured.currency) ?? { captured: 0, refunded: 0 };
    sum.captured += captured.amountMinor;
    sum.refunded += refunded.amountMinor;
    totals.set(captured.currency, sum);
    const count = (kind: string): number => state.entries.filter((entry) => entry.kind === kind).length;
    return {
      ...statement,
      captured,
      refunded,
      captures: count('capture'),
      refunds: count('refund'),
      entries: state.entries.map(({ kind, amountMinor, at }) => ({ kind, amountMinor, at })),
    };
  });
  return {
    orders,
    totals: [...totals].map(([currency, sum]) => ({ currency, ...sum, net: sum.captured - sum.refunded })),
  };
}
