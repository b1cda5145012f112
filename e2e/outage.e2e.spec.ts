import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { eventually } from '#testing';
import { signUp, type Person } from './support/people.js';
import { buy, list, openShop, type Listed } from './support/shop.js';
import { SERVICES, Split } from './support/system.js';

const LONG = { timeoutMs: 60_000, intervalMs: 200 };

/** The pages of a shop, with every field that some other service answers. */
const PAGES = `query($product: ID!, $order: ID!) {
  homeFeed { nodes { post { text author { name } productTags { product { title rating { count } } variant { available } } } } }
  product(id: $product) { title rating { count } posts { nodes { text } } merchant { name record { ordersDelivered } } }
  order(id: $order) { state buyer { name } merchant { name } lines { title variant { available } review { stars } } }
  viewer { email profile { name } }
}`;
type Pages = Readonly<Record<'homeFeed' | 'product' | 'order' | 'viewer', object | null>>;

/** What is still there when a service is away: all that it does not own. */
const LEFT: Readonly<Record<(typeof SERVICES)[number], Partial<Record<keyof Pages, unknown>>>> = {
  identity: { product: { title: 'Desk lamp' }, order: { state: 'CONFIRMED' } },
  catalog: {
    order: { state: 'CONFIRMED', lines: [{ title: 'Desk lamp', variant: null }] },
    viewer: { profile: { name: 'Ben' } },
  },
  order: { product: { title: 'Desk lamp' }, viewer: { profile: { name: 'Ben' } } },
  'social-feed': { product: { title: 'Desk lamp', posts: null }, order: { state: 'CONFIRMED', buyer: null } },
  reputation: { product: { title: 'Desk lamp', rating: null }, order: { state: 'CONFIRMED' } },
};

let system: Split;
let ben: Person;
let lamp: Listed;
let order: string;

beforeAll(async () => {
  system = await Split.start();
  const ana = await signUp(system.api, 'Ana');
  ben = await signUp(system.api, 'Ben');
  lamp = await list(await openShop(ana), 'Desk lamp', 3);
  order = (await eventually(() => buy(ben, lamp.variantId), LONG)).id;
  await eventually(async () => {
    const { data, errors } = await pages();
    expect({ errors, order: data?.order }).toMatchObject({ errors: [], order: { state: 'CONFIRMED' } });
  }, LONG);
}, 200_000);

afterAll(() => system?.stop(), 60_000);

const pages = () => ben.api.send<Pages>(PAGES, { product: lamp.productId, order });

describe.each(SERVICES)('with %s stopped', (service) => {
  test('the pages answer with the rest, and with all of it when it is back', async () => {
    await system.kill(service);

    const { data, errors } = await pages();

    expect(data).toMatchObject(LEFT[service]);
    for (const { extensions } of errors) expect(extensions?.code).toBe('SERVICE_UNAVAILABLE');
    await system.revive(service);
    await eventually(async () => expect((await pages()).errors).toEqual([]), LONG);
  }, 120_000);
});
