import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { money, splitMoney } from '#contracts';
import {
  emptyCart,
  lineTotal,
  MAX_LINES,
  MAX_QUANTITY,
  quantityOf,
  quote,
  refusalOf,
  removeLine,
  reprice,
  setLine,
  subtotal,
  takeOut,
  type Cart,
  type Offer,
} from './cart.js';

const AT = new Date('2026-11-23T12:00:00.000Z');
const anOffer = (variantId: string, amountMinor = 1000, available?: number): Offer => ({
  variantId,
  productId: `product of ${variantId}`,
  merchantId: 'merchant',
  title: `title of ${variantId}`,
  price: money(amountMinor, 'EUR'),
  ...(available === undefined ? {} : { available }),
});
const aCart = (...lines: [variantId: string, quantity: number, amountMinor?: number][]): Cart =>
  lines.reduce(
    (cart, [variantId, quantity, amountMinor]) =>
      setLine(cart, `line of ${variantId}`, anOffer(variantId, amountMinor), quantity, AT),
    emptyCart('buyer', 'merchant', 'EUR', AT),
  );
const offers = (...list: Offer[]) => new Map(list.map((offer) => [offer.variantId, offer]));

describe('a cart', () => {
  test('keeps one line for each variant, at the price of the last touch', () => {
    const cart = setLine(aCart(['lamp', 1], ['vase', 2]), 'other', anOffer('lamp', 900), 3, AT);
    expect(cart.lines).toHaveLength(2);
    expect(cart.lines[0]).toMatchObject({ id: 'line of lamp', quantity: 3, quotedPrice: money(900, 'EUR') });
  });

  test('0 pieces remove a line', () => {
    expect(setLine(aCart(['lamp', 1]), 'other', anOffer('lamp'), 0, AT).lines).toEqual([]);
    expect(removeLine(aCart(['lamp', 1], ['vase', 1]), 'lamp', AT).lines).toHaveLength(1);
  });

  test('refuses more pieces than there are, and only then', () => {
    expect(refusalOf(aCart(), anOffer('lamp', 1000, 3), 4)).toBe('NOT_ENOUGH');
    expect(refusalOf(aCart(), anOffer('lamp', 1000, 3), 3)).toBeUndefined();
    expect(refusalOf(aCart(), anOffer('lamp'), 4)).toBeUndefined();
  });

  test('refuses more than it may hold, and a second currency', () => {
    const full = aCart(...Array.from({ length: MAX_LINES }, (_, index): [string, number] => [`v${index}`, 1]));
    expect(refusalOf(full, anOffer('lamp'), 1)).toBe('TOO_MANY_LINES');
    expect(refusalOf(full, anOffer('v0'), 2)).toBeUndefined();
    expect(refusalOf(aCart(), anOffer('lamp'), MAX_QUANTITY + 1)).toBe('TOO_MANY_PIECES');
    const yen = { ...anOffer('vase'), price: money(5, 'JPY') };
    expect(refusalOf(aCart(['lamp', 1]), yen, 1)).toBe('OTHER_CURRENCY');
  });

  test('refuses what would make its sum no safe integer, by one line or by all', () => {
    expect(refusalOf(aCart(), anOffer('lamp', Number.MAX_SAFE_INTEGER), 1)).toBeUndefined();
    expect(refusalOf(aCart(), anOffer('lamp', Number.MAX_SAFE_INTEGER), 2)).toBe('TOO_EXPENSIVE');
    const full = aCart(['lamp', 1, Number.MAX_SAFE_INTEGER]);
    expect(refusalOf(full, anOffer('vase', 1), 1)).toBe('TOO_EXPENSIVE');
    expect(refusalOf(full, anOffer('vase', 0), 1)).toBeUndefined();
    expect(refusalOf(full, anOffer('lamp', 5), 1)).toBeUndefined();
  });

  test('can be bought as the buyer saw it', () => {
    const cart = aCart(['lamp', 2], ['vase', 1, 50]);
    const quoted = quote(cart, offers(anOffer('lamp', 1000, 2), anOffer('vase', 50)));
    expect(quoted).toMatchObject({ kind: 'ready', subtotal: money(2050, 'EUR') });
    expect(quoted).toMatchObject({ lines: [{ title: 'title of lamp' }, { title: 'title of vase' }] });
  });

  test('can not be bought when it is empty, short of something, or at another price', () => {
    const cart = aCart(['lamp', 2]);
    expect(quote(aCart(), offers())).toEqual({ kind: 'empty' });
    expect(quote(cart, offers(anOffer('lamp', 1000, 1)))).toMatchObject({ kind: 'out-of-stock', available: 1 });
    expect(quote(cart, offers())).toMatchObject({ kind: 'out-of-stock', requested: 2, available: 0 });
    const changed = quote(cart, offers(anOffer('lamp', 900)));
    expect(changed).toMatchObject({ kind: 'price-changed', quoted: money(1000, 'EUR'), current: money(900, 'EUR') });
  });

  test('is bought at the new price when it is placed again', () => {
    const today = offers(anOffer('lamp', 900));
    const repriced = reprice(aCart(['lamp', 2]), today, AT);
    expect(quote(repriced, today)).toMatchObject({ kind: 'ready', subtotal: money(1800, 'EUR') });
  });

  test('is not bought, and keeps the prices that it has, where today it would cost more than can be counted', () => {
    const cart = aCart(['lamp', 2], ['vase', 1]);
    const today = offers(anOffer('lamp', Number.MAX_SAFE_INTEGER), anOffer('vase'));
    expect(quote(cart, today)).toEqual({ kind: 'too-expensive' });
    expect(reprice(cart, today, AT)).toEqual(cart);
  });
});

describe('an order taken out of a cart', () => {
  test('leaves what was added since', () => {
    const cart = setLine(aCart(['lamp', 3]), 'line', anOffer('vase'), 1, AT);
    const left = takeOut(cart, 1, [{ variantId: 'lamp', quantity: 2 }], AT);
    expect(quantityOf(left, 'lamp')).toBe(1);
    expect(quantityOf(left, 'vase')).toBe(1);
  });

  test('is taken out once, however often it is asked for and whatever was added between', () => {
    const quantity = fc.integer({ min: 1, max: 5 });
    fc.assert(
      fc.property(quantity, quantity, fc.nat(3), (ordered, added, repeats) => {
        const order = [{ variantId: 'lamp', quantity: ordered }];
        let cart = takeOut(aCart(['lamp', ordered]), 1, order, AT);
        cart = setLine(cart, 'line', anOffer('lamp'), added, AT);
        for (let again = 0; again < repeats; again++) cart = takeOut(cart, 1, order, AT);
        expect(quantityOf(cart, 'lamp')).toBe(added);
      }),
    );
  });
});

describe('money', () => {
  const lines = fc.array(fc.tuple(fc.integer({ min: 1, max: 10_000 }), fc.integer({ min: 0, max: 10_000_000 })), {
    minLength: 1,
    maxLength: 20,
  });

  test('no line is taken in that would make the subtotal differ from the exact sum', () => {
    const price = fc.oneof(fc.maxSafeNat(), fc.nat(1_000_000));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 1, max: 10_000 }), price), { maxLength: 8 }), (given) => {
        let cart = aCart();
        let exact = 0n;
        for (const [index, [quantity, amountMinor]] of given.entries()) {
          const offer = anOffer(`v${index}`, amountMinor);
          const withIt = exact + BigInt(quantity) * BigInt(amountMinor);
          const isRefused = refusalOf(cart, offer, quantity) === 'TOO_EXPENSIVE';
          expect(isRefused).toBe(withIt > BigInt(Number.MAX_SAFE_INTEGER));
          if (isRefused) continue;
          cart = setLine(cart, 'line', offer, quantity, AT);
          exact = withIt;
        }
        expect(BigInt(subtotal(cart).amountMinor)).toBe(exact);
      }),
    );
  });

  test('a subtotal is the sum of its lines, and splits back over them without loss', () => {
    fc.assert(
      fc.property(lines, fc.nat(1_000_000), (given, discount) => {
        const cart = aCart(
          ...given.map(([quantity, price], index): [string, number, number] => [`v${index}`, quantity, price]),
        );
        const total = cart.lines.reduce((sum, line) => sum + lineTotal(line).amountMinor, 0);
        expect(subtotal(cart)).toEqual(money(total, 'EUR'));
        const weights = cart.lines.map((line) => lineTotal(line).amountMinor + 1);
        const parts = splitMoney(money(discount, 'EUR'), weights);
        expect(parts.reduce((sum, part) => sum + part.amountMinor, 0)).toBe(discount);
      }),
    );
  });
});
