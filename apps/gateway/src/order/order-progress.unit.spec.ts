import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OrderSnapshot, OrderStatus, OrderView } from '#contracts';
import { OrderPlaced } from '#contracts';
import { OrderProgress } from './order-progress.js';

const WAY: OrderStatus[] = ['PENDING', 'RESERVED', 'PAID', 'CONFIRMED', 'SHIPPED', 'DELIVERED'];
const at = '2026-11-23T12:00:00.000Z';
const { reserveUntil: _, ...placed } = OrderPlaced.example;

const orderAt = (index: number): OrderView => ({
  ...placed,
  id: placed.orderId,
  state: WAY[index] ?? 'PENDING',
  shippingAddress: { name: 'Ben', line1: 'Street 1', city: 'Town', country: 'DE' },
  history: WAY.slice(0, index + 1).map((state) => ({ state, at })),
  createdAt: at,
});
const eventAt = (index: number): OrderSnapshot => ({ ...placed, state: WAY[index] ?? 'PENDING' });

describe('what a watcher of an order is shown', () => {
  test('is each state once and in order, whenever the answers come and however often the events', () => {
    const step = fc.record({ ahead: fc.nat(WAY.length - 1), again: fc.boolean() });
    fc.assert(
      fc.property(
        fc.nat(WAY.length - 1),
        fc.array(step, { minLength: WAY.length, maxLength: WAY.length }),
        (start, steps) => {
          const progress = new OrderProgress();
          const shown = [progress.now(orderAt(start))];
          for (const [event, { ahead, again }] of steps.entries()) {
            const order = orderAt(Math.min(WAY.length - 1, Math.max(start, event) + ahead));
            for (let times = again ? 2 : 1; times > 0; times--) shown.push(progress.after(eventAt(event), order));
          }
          expect(shown.filter((one) => one !== undefined).map(({ state }) => state)).toEqual(WAY.slice(start));
        },
      ),
    );
  });

  test('has the payment of its moment and nothing of later', () => {
    const progress = new OrderProgress();
    progress.now(orderAt(0));

    const shown = progress.after(eventAt(1), { ...orderAt(3), trackingCode: 'later' });

    expect(shown).toMatchObject({ state: 'RESERVED', payment: placed.payment });
    expect(shown?.trackingCode).toBeUndefined();
    expect(shown?.history.map(({ state }) => state)).toEqual(['PENDING', 'RESERVED']);
  });

  test('is a changed payment within a state', () => {
    const progress = new OrderProgress();
    progress.now(orderAt(1));
    const uncertain = { ...orderAt(1), payment: { ...placed.payment, state: 'UNCERTAIN' as const } };

    expect(progress.after({ ...eventAt(1), payment: uncertain.payment }, uncertain)?.payment.state).toBe('UNCERTAIN');
    expect(progress.after({ ...eventAt(1), payment: uncertain.payment }, uncertain)).toBeUndefined();
  });
});
