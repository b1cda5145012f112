import { describe, expect, test } from '@jest/globals';
import { click, countOrder, createLink, newCode, targetOf } from './share-link.js';

const LINK = 'link_01m84gm0f0f25a4d8x22mf2yaw';
const TARGET = {
  ownerId: 'profile_01m84gm0f0f25a4d8x22mf2yaw',
  productId: 'product_01m84gm0f0f25a4d8x22mf2yaw',
  postId: null,
};
const made = () => createLink(LINK, TARGET, 'k3x9q2abcd', new Date('2026-11-24T03:00:00.000Z'));

describe('a share link', () => {
  test('has a code made of what the random source gives, without letters that look alike', () => {
    let next = 0;
    expect(newCode((below) => next++ % below)).toBe('23456789ab');
    expect(newCode((below) => below - 1)).toBe('zzzzzzzzzz');
  });

  test('has another target for another person, product or post', () => {
    const post = { ...TARGET, postId: 'post_01m84gm0f0f25a4d8x22mf2yaw' };
    expect(new Set([targetOf(TARGET), targetOf(post), targetOf({ ...TARGET, ownerId: 'profile_x' })]).size).toBe(3);
  });

  test('counts clicks and orders in its state and tells each with the count so far', () => {
    const once = click(LINK, made().state);
    const twice = click(LINK, once.state);
    const ordered = countOrder(LINK, twice.state, 'order_01m84gm0f0f25a4d8x22mf2yaw', 1);
    expect(ordered.state).toMatchObject({ clicks: 2, orders: 1 });
    for (const { contract, data } of [...made().events, ...once.events, ...twice.events, ...ordered.events])
      expect(contract.schema.safeParse(data).success).toBe(true);
    expect(twice.events[0]?.data).toMatchObject({ clicks: 2 });
  });

  test('never counts an order back', () => {
    const state = { ...made().state, orders: 5 };
    expect(countOrder(LINK, state, 'order_01m84gm0f0f25a4d8x22mf2yaw', 4).state.orders).toBe(5);
  });
});
