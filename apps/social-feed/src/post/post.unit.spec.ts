import { describe, expect, test } from '@jest/globals';
import { publishPost, takePostBack } from './post.js';

const ID = 'post_01m84gm0f0f25a4d8x22mf2yaw';
const CLEO = 'profile_01m84gm0f0f25a4d8x22mf2yaw';
const LAMP = 'product_01m84gm0f0f25a4d8x22mf2yaw';
const BRASS = 'variant_01m84gm0f0f25a4d8x22mf2yaw';
const AT = new Date('2026-11-24T03:00:00.000Z');
const lampPost = () =>
  publishPost(
    ID,
    {
      authorId: CLEO,
      text: 'Mi lámpara 灯 👩🏽‍🚀',
      media: [],
      productTags: [{ productId: LAMP }, { productId: LAMP, variantId: BRASS }],
    },
    AT,
  );

describe('a post', () => {
  test('is found once by each product that it tags', () => {
    expect(lampPost().state.productIds).toEqual([LAMP]);
    expect(lampPost().state.productTags).toEqual([
      { productId: LAMP, variantId: null },
      { productId: LAMP, variantId: BRASS },
    ]);
  });

  test('is told by an event keyed by its author, so that posts and deletions of one author keep their order', () => {
    const [published] = lampPost().events;
    expect(published?.key).toBe(CLEO);
    expect(published?.contract.schema.parse(published.data)).toMatchObject({ postId: ID, text: 'Mi lámpara 灯 👩🏽‍🚀' });
  });

  test('is taken back once', () => {
    const { state = lampPost().state, events = [] } = takePostBack(ID, lampPost().state);
    expect(state.deleted).toBe(true);
    expect(events.map(({ key }) => key)).toEqual([CLEO]);
    expect(takePostBack(ID, state)).toEqual({});
  });
});
