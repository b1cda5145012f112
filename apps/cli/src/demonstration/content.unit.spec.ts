import { describe, expect, test } from '@jest/globals';
import { CreatePost, CreateProduct, PersonHandle, SignUp } from '#contracts';
import { LAST_REPLY, ORDERS, PEOPLE, POSTS, PRODUCTS, SHOPS } from './content.js';

const keys = (things: readonly { readonly key: string }[]) => new Set(things.map(({ key }) => key));
const people = keys(PEOPLE);

describe('the demonstration', () => {
  test('names nothing twice, and nothing that it does not have', () => {
    for (const list of [PEOPLE, PRODUCTS, POSTS, ORDERS]) expect(keys(list).size).toBe(list.length);
    for (const { key, follows } of PEOPLE) {
      expect(follows).not.toContain(key);
      expect(follows.filter((other) => !people.has(other))).toEqual([]);
    }
    for (const { owner } of SHOPS) expect(people).toContain(owner);
    for (const { shop } of PRODUCTS) expect(SHOPS.map(({ handle }) => handle)).toContain(shop);
    for (const { author, products, comments, reactions } of POSTS) {
      const named = [author, ...comments.map(([who]) => who), ...reactions.map(([who]) => who)];
      expect(named.filter((who) => !people.has(who))).toEqual([]);
      expect(products.filter((product) => !keys(PRODUCTS).has(product))).toEqual([]);
    }
  });

  test('sells no more than there is, and through links of posts that show the product first', () => {
    const sold = new Map<string, number>();
    for (const { buyer, product, variant = 0, quantity = 1, through } of ORDERS) {
      expect(people).toContain(buyer);
      const name = `${product} ${variant}`;
      sold.set(name, (sold.get(name) ?? 0) + quantity);
      const [, , onHand = 0] = PRODUCTS.find(({ key }) => key === product)?.variants[variant] ?? [];
      expect(sold.get(name)).toBeLessThanOrEqual(onHand);
      if (through) expect(POSTS.find(({ key }) => key === through)?.products[0]).toBe(product);
    }
  });

  test('ends with a reply to a review that has none yet', () => {
    expect(ORDERS.find(({ key }) => key === LAST_REPLY.order)).toMatchObject({ ends: 'DELIVERED' });
    expect(ORDERS.find(({ key }) => key === LAST_REPLY.order)?.reply).toBeUndefined();
    expect(ORDERS.filter(({ reply }) => reply === LAST_REPLY.text)).toEqual([]);
  });

  test('is within what the API takes', () => {
    for (const { key } of [...PEOPLE, ...PRODUCTS]) expect(PersonHandle.safeParse(key).success).toBe(true);
    for (const { title, description, tags } of PRODUCTS) {
      const variants = [{ options: [], price: { amountMinor: 1, currency: 'EUR' }, onHand: 1 }];
      const input = { merchantId: '', title, description, tags, images: [], variants, status: 'ACTIVE' };
      expect(CreateProduct.input.safeParse(input).error).toBeUndefined();
    }
    for (const { text } of POSTS) {
      expect(CreatePost.input.safeParse({ text, productTags: [], media: [] }).error).toBeUndefined();
    }
    const person = { email: 'noor@demo.example', password: '12345678', name: 'Noor' };
    expect(SignUp.input.safeParse(person).error).toBeUndefined();
  });
});
