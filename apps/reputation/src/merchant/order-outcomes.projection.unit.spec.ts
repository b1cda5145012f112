import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  OrderCancelled,
  OrderConfirmed,
  OrderDelivered,
  orderEvents,
  OrderPlaced,
  OrderShipped,
  type EventContract,
  type OrderSnapshot,
} from '#contracts';
import { copiesAfter, histories, rebuiltFrom } from '#testing';
import { deliveredLines } from '../purchase/purchase.projection.js';
import { outcomesOf, type OrderEnded } from './order-outcomes.projection.js';

/** Orders go through their states, and end delivered, or cancelled by somebody. */
const STATES: readonly EventContract[] = [OrderPlaced, OrderConfirmed, OrderShipped];
const order = (version: number, orderId: string) =>
  fc
    .record({
      end: fc.constantFrom<EventContract>(OrderDelivered, OrderCancelled),
      by: fc.constantFrom('MERCHANT' as const, 'BUYER' as const),
      merchantId: fc.constantFrom('merchant_1', 'merchant_2'),
    })
    .map(({ end, by, merchantId }) => {
      const contract = STATES[version - 1] ?? end;
      const cancellationCode = contract === OrderCancelled ? by : null;
      const lines = OrderDelivered.example.lines.map((line) => ({ ...line, id: `line_${orderId}` }));
      const data: OrderSnapshot = { ...OrderDelivered.example, orderId, merchantId, cancellationCode, lines };
      return { contract, data };
    });
const given = histories(order, ['order_1', 'order_2', 'order_3']).map((events) =>
  // The first end is the only one.
  events.filter(({ version }) => version <= STATES.length + 1),
);

describe('what is learnt of the ends of orders', () => {
  test('from what compaction left is what is learnt from all events', () => {
    const isEnd = ({ type }: { type: string }) => type === OrderDelivered.type || type === OrderCancelled.type;
    fc.assert(
      fc.property(
        given.chain((history) => fc.tuple(fc.constant(history), rebuiltFrom(history, orderEvents))),
        ([history, left]) => {
          const outcomes = (events: typeof history) => copiesAfter(outcomesOf(events.filter(isEnd) as OrderEnded[]));
          expect(outcomes(left)).toEqual(outcomes(history));
          const lines = (events: typeof history) => {
            const delivered = events.filter(({ type }) => type === OrderDelivered.type);
            return new Map(delivered.flatMap(({ data }) => deliveredLines(data)).map((line) => [line._id, line]));
          };
          expect(lines(left)).toEqual(lines(history));
        },
      ),
    );
  });
});
