import { createHash } from 'node:crypto';

/** Crockford's base32: no I, L, O or U, so that it can be read out. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const LENGTH = 6;

/** `7KQ-2MD`: for people. It tells nothing of how much is sold, and differs with each attempt of an order. */
export function orderNumber(orderId: string, attempt: number): string {
  const hash = createHash('sha256').update(`${orderId} ${attempt}`).digest();
  const digits = Array.from(hash.subarray(0, LENGTH), (byte) => DIGITS[byte % DIGITS.length]);
  return `${digits.slice(0, 3).join('')}-${digits.slice(3).join('')}`;
}
