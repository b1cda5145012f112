import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { money } from '#contracts';
import {
  acknowledged,
  authorize,
  blocked,
  capture,
  DELAYS,
  dueCallback,
  failed,
  pass,
  refund,
  sumOf,
  voidIt,
  type Charge,
} from './charge.js';

const AT = new Date('2026-11-23T12:00:00.000Z');
const later = (ms: number) => new Date(AT.getTime() + ms);
const eur = (amountMinor: number) => money(amountMinor, 'EUR');
const aCharge = (token: string, more: { callbackUrl?: string; respondBy?: Date } = {}): Charge =>
  authorize('key', { orderId: 'order', amount: eur(4900), token, ...more }, AT, DELAYS);
const url = 'http://127.0.0.1:1/callbacks';

describe('a charge', () => {
  test.each([
    ['tok_approve', 'AUTHORIZED'],
    ['tok_duplicate_callback', 'AUTHORIZED'],
    ['tok_decline', 'DECLINED'],
    ['tok_nobody_knows', 'DECLINED'],
    ['tok_timeout_then_approve', 'PENDING'],
    ['tok_timeout_then_decline', 'PENDING'],
    ['tok_late_approve', 'PENDING'],
  ])('with %s is %s at once', (token, state) => {
    expect(aCharge(token).state).toBe(state);
  });

  test.each([
    ['tok_timeout_then_approve', undefined, DELAYS.decideMs, 'AUTHORIZED'],
    ['tok_timeout_then_decline', undefined, DELAYS.decideMs, 'DECLINED'],
    ['tok_late_approve', later(900_000), 900_000 + DELAYS.lateMs, 'AUTHORIZED'],
  ])('with %s is decided later', (token, respondBy, ms, state) => {
    const charge = aCharge(token, respondBy ? { respondBy } : {});
    expect(charge.dueAt).toEqual(later(ms));
    expect(pass('key', charge, later(ms - 1), DELAYS).state).toBe('PENDING');
    expect(pass('key', charge, later(ms), DELAYS).state).toBe(state);
  });

  test('is captured once and refunded once, whatever the key', () => {
    const captured = capture('key', aCharge('tok_approve'), 'c1', AT).charge;
    expect(captured.state).toBe('CAPTURED');
    expect(capture('key', captured, 'c1', AT)).toEqual({ charge: captured });
    expect(capture('key', captured, 'c2', AT).problem).toBe('NOT_AUTHORIZED');
    const refunded = refund('key', captured, 'r1', AT).charge;
    expect(refunded.state).toBe('REFUNDED');
    expect(refund('key', refunded, 'r1', AT)).toEqual({ charge: refunded });
    expect(refund('key', refunded, 'r2', AT).problem).toBe('NOT_CAPTURED');
  });

  test('is voided when authorised, not before the decision and not after the capture', () => {
    expect(voidIt('key', aCharge('tok_approve'), AT).charge.state).toBe('VOIDED');
    expect(voidIt('key', aCharge('tok_late_approve'), AT).problem).toBe('NOT_DECIDED');
    const captured = capture('key', aCharge('tok_approve'), 'c1', AT).charge;
    expect(voidIt('key', captured, AT).problem).toBe('ALREADY_CAPTURED');
    expect(capture('key', blocked('order', eur(1)), 'c1', AT).problem).toBe('NOT_AUTHORIZED');
  });

  test('expires when it is never captured', () => {
    const charge = aCharge('tok_approve');
    expect(pass('key', charge, later(DELAYS.authorizationMs), DELAYS).state).toBe('EXPIRED');
    const captured = capture('key', charge, 'c1', AT).charge;
    expect(pass('key', captured, later(DELAYS.authorizationMs), DELAYS)).toBe(captured);
  });

  test('holds or keeps money at most once, whatever is asked in whatever order', () => {
    const request = fc.constantFrom('capture', 'refund', 'void', 'wait');
    fc.assert(
      fc.property(
        fc.constantFrom('tok_approve', 'tok_decline', 'tok_late_approve'),
        fc.array(request),
        (token, acts) => {
          let charge = aCharge(token);
          acts.forEach((act, index) => {
            const at = later(index * 1000);
            charge = pass('key', charge, at, DELAYS);
            if (act === 'capture') ({ charge } = capture('key', charge, `c${index}`, at));
            if (act === 'refund') ({ charge } = refund('key', charge, `r${index}`, at));
            if (act === 'void') ({ charge } = voidIt('key', charge, at));
            const kept = sumOf(charge, 'capture').amountMinor - sumOf(charge, 'refund').amountMinor;
            expect(kept).toBe(charge.state === 'CAPTURED' ? 4900 : 0);
          });
        },
      ),
    );
  });
});

describe('callbacks', () => {
  test('tell each change, in order, until each is acknowledged', () => {
    const charge = capture('key', aCharge('tok_approve', { callbackUrl: url }), 'c1', AT).charge;
    expect(charge.callbacks.map(({ id }) => id)).toEqual(['key:AUTHORIZED', 'key:CAPTURED']);
    expect(dueCallback(charge, AT)?.id).toBe('key:AUTHORIZED');
    const next = acknowledged(charge, 'key:AUTHORIZED');
    expect(dueCallback(next, AT)?.id).toBe('key:CAPTURED');
    expect(acknowledged(next, 'key:CAPTURED').dueAt).toBeUndefined();
  });

  test('that fail are sent again after longer and longer whiles', () => {
    const charge = aCharge('tok_approve', { callbackUrl: url });
    const once = failed(charge, 'key:AUTHORIZED', AT, DELAYS);
    expect(dueCallback(once, later(DELAYS.callbackRetryMs - 1))).toBeUndefined();
    const twice = failed(once, 'key:AUTHORIZED', AT, DELAYS);
    expect(dueCallback(twice, later(DELAYS.callbackRetryMs * 2))?.attempts).toBe(2);
  });

  test('come twice with tok_duplicate_callback', () => {
    expect(aCharge('tok_duplicate_callback', { callbackUrl: url }).callbacks).toHaveLength(2);
  });
});
