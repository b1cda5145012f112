import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  CreateMerchant,
  MerchantByHandle,
  MerchantCreated,
  MerchantsByIds,
  MerchantsOfCaller,
  money,
  PriceChangedEvent,
  ProductChanged,
  ProductCreated,
  ProductsByIds,
  SetStock,
  StockSet,
  typeIds,
  UpdateProduct,
  UpdateVariant,
  VariantsByIds,
  type VariantView,
} from '#contracts';
import { ForbiddenError, UnauthenticatedError } from '#service-kit';
import { eventually, type CapturedEvents, type SignedIn } from '#testing';
import { CatalogWorld, orderOf, PATIENTLY, variantOf, type Shop } from './catalog.world.js';

let world: CatalogWorld;
let shop: Shop;
let stranger: SignedIn;
let told: CapturedEvents;
beforeAll(async () => {
  world = await CatalogWorld.start();
  shop = await world.shop();
  stranger = await world.identity.signIn();
  told = await world.capture(MerchantCreated, ProductCreated, ProductChanged, PriceChangedEvent, StockSet);
});
afterAll(async () => {
  await world?.stop();
});

const see = async (id: string, viewer: SignedIn | null = null) =>
  (await world.as(viewer, ProductsByIds, { ids: [id] }))[0];
const seeVariant = async (id: string, viewer: SignedIn | null = null) =>
  (await world.as(viewer, VariantsByIds, { ids: [id] }))[0];
const size = (value: string) => [{ name: 'Size', value }];

describe('a merchant', () => {
  test('belongs to whoever opens it, and is found by id, handle and owner', async () => {
    const ana = await world.identity.signIn();
    const handle = `ana-${ana.accountId.slice(-6)}`;
    const opened = await world.as(ana, CreateMerchant, {
      name: ' Ana ✨ ',
      handle: ` ${handle.toUpperCase()}`,
      currency: 'JPY',
    });
    expect(opened).toMatchObject({
      __typename: 'Merchant',
      name: 'Ana ✨',
      handle,
      currency: 'JPY',
      ownerAccountId: ana.accountId,
    });
    if (opened.__typename !== 'Merchant') return;
    const { id } = opened;
    expect(await world.as(null, MerchantByHandle, { handle: handle.toUpperCase() })).toMatchObject({ id });
    expect(await world.as(null, MerchantByHandle, { handle: 'nobody' })).toBeNull();
    expect(await world.as(null, MerchantsByIds, { ids: [id, typeIds.next('merchant'), 'x'] })).toHaveLength(1);
    expect(await world.as(ana, MerchantsOfCaller, {})).toMatchObject([{ id }]);
    expect(await world.as(stranger, MerchantsOfCaller, {})).toEqual([]);
    const granted = await world.identity.signIn({ merchantIds: [id] });
    expect(await world.as(granted, MerchantsOfCaller, {})).toMatchObject([{ id }]);
    const isOf = ({ data }: (typeof told)['all'][number]) => (data as { merchantId: string }).merchantId === id;
    await eventually(() => expect(told.of(MerchantCreated).find(isOf)?.data).toMatchObject({ handle }), PATIENTLY);
  });

  test('has a handle of its own: of several who want one, one gets it', async () => {
    const people = await Promise.all([1, 2, 3, 4].map(() => world.identity.signIn()));
    const handle = `wanted-${stranger.accountId.slice(-6)}`;
    const results = await Promise.all(
      people.map((person) => world.as(person, CreateMerchant, { name: 'Wanted', handle, currency: 'EUR' })),
    );
    const names = results.map(({ __typename }) => __typename).toSorted((a, b) => a.localeCompare(b));
    expect(names).toEqual(['HandleTaken', 'HandleTaken', 'HandleTaken', 'Merchant']);
  });

  test('needs a name, a handle and a currency that exist, and somebody who is signed in', async () => {
    const wrong = { name: ' ', handle: 'no spaces', currency: 'XYZ' };
    const result = await world.as(stranger, CreateMerchant, wrong);
    expect(result).toMatchObject({ __typename: 'InvalidInput' });
    const fields = result.__typename === 'InvalidInput' ? result.fields.map(({ path }) => path.join('.')) : [];
    expect(fields).toEqual(['name', 'handle', 'currency']);
    await expect(world.as(null, CreateMerchant, wrong)).rejects.toBeInstanceOf(UnauthenticatedError);
  });
});

describe('a product', () => {
  test('is there at once with its variants, their prices and what is available', async () => {
    const title = '  Crème brûlée 台灯 مصباح 👩🏽‍🚀 \u202E№5';
    const product = await world.product(shop, {
      title,
      vendor: 'Ana',
      category: 'Home > Lamps',
      tags: ['light', '照明', 'light'],
      images: [{ url: 'https://example.org/lamp.jpg', alt: '灯' }],
      variants: [
        variantOf(3, { options: size('S'), sku: 'L-1', barcode: '4006381333931' }),
        variantOf(0, { options: size('M'), price: money(3900, 'EUR'), compareAtPrice: money(4900, 'EUR') }),
      ],
    });
    expect(product).toMatchObject({
      title: title.trim(),
      handle: 'creme-brulee-no5',
      tags: ['light', '照明'],
      priceFrom: money(3900, 'EUR'),
      variants: [
        { sku: 'L-1', available: 3, priceVersion: 1, image: { alt: '灯' } },
        { sku: null, available: 0, compareAtPrice: money(4900, 'EUR') },
      ],
    });
    const { __typename: _, ...view } = product as typeof product & { __typename: string };
    expect(await see(product.id)).toEqual(view);
    expect(await seeVariant(product.variants[1]?.id ?? '')).toEqual(product.variants[1]);
    const created = () => told.of(ProductCreated).find(({ subject }) => subject === product.id);
    await eventually(() => expect(created()?.data.variants).toHaveLength(2), PATIENTLY);
    const counts = () => told.of(StockSet).filter(({ data }) => data.productId === product.id);
    await eventually(
      () =>
        expect(
          counts()
            .map(({ data }) => data.onHand)
            .toSorted(),
        ).toEqual([0, 3]),
      PATIENTLY,
    );
  });

  test('gets a handle of its own where none is given, however often its title repeats', async () => {
    const titles = ['Standard Shirt', '台灯'].flatMap((title) => Array.from({ length: 6 }, () => title));
    const products = await Promise.all(titles.map((title) => world.product(shop, { title })));
    const handles = products.map(({ handle }) => handle);
    expect(new Set(handles).size).toBe(12);
    expect(handles).toContain('standard-shirt');
    const taken = await world.create(shop, { handle: 'standard-shirt' });
    expect(taken).toMatchObject({ __typename: 'InvalidInput', fields: [{ path: ['handle'] }] });
    expect(await world.create(await world.shop(), { handle: 'standard-shirt' })).toMatchObject({
      __typename: 'Product',
    });
  });

  test('is refused with what is wrong with it, and nothing is stored', async () => {
    const pathsOf = async (input: Parameters<CatalogWorld['create']>[1]) => {
      const result = await world.create(shop, input);
      return result.__typename === 'InvalidInput' ? result.fields.map(({ path }) => path.join('.')) : result.__typename;
    };
    expect(await pathsOf({ title: ' ', variants: [] })).toEqual(['title', 'variants']);
    expect(await pathsOf({ variants: [variantOf(-1)] })).toEqual(['variants.0.onHand']);
    expect(await pathsOf({ variants: [variantOf(1.5)] })).toEqual(['variants.0.onHand']);
    expect(await pathsOf({ variants: [variantOf(1, { price: money(-1, 'EUR') })] })).toEqual([
      'variants.0.price.amountMinor',
    ]);
    expect(await pathsOf({ variants: [variantOf(1, { price: money(1, 'USD') })] })).toEqual([
      'variants.0.price.currency',
    ]);
    expect(await pathsOf({ variants: [variantOf(1), variantOf(2)] })).toEqual(['variants.1.options']);
    expect(await pathsOf({ images: [{ url: 'javascript:alert(1)' }] })).toEqual(['images.0.url']);
    const long = Array.from({ length: 250 }, (_, index) => `${index}${'灯'.repeat(190)}`);
    expect(await pathsOf({ tags: long })).toEqual(['']);
  });
});

describe('a product with a key of the merchant', () => {
  const externalId = 'S14-ONL';
  const sizes = (...counts: [string, number][]) =>
    counts.map(([value, onHand]) => variantOf(onHand, { options: size(value) }));

  test('is updated when it is created again, and stays what it is when nothing is new', async () => {
    const first = await world.product(shop, { externalId, variants: sizes(['S', 4], ['M', 0]) });
    const again = await world.product(shop, { externalId, variants: sizes(['S', 4], ['M', 0]) });
    expect(again).toEqual(first);
    const changed = await world.product(shop, { externalId, title: 'Camisole', variants: sizes(['M', 2], ['L', 1]) });
    expect(changed).toMatchObject({ id: first.id, handle: first.handle, title: 'Camisole' });
    expect(changed.variants.map(({ available }) => available)).toEqual([2, 1]);
    expect(changed.variants[0]?.id).toBe(first.variants[1]?.id);
    const [small] = first.variants;
    expect(await seeVariant(small?.id ?? '', shop.owner)).toBeUndefined();
    const back = await world.product(shop, { externalId, variants: sizes(['S', 4]) });
    expect(back.variants).toMatchObject([{ id: small?.id, available: 4 }]);
  });

  test('is one, however many create it at the same moment, and another merchant has its own', async () => {
    const key = { externalId: 'at-once' };
    const made = await Promise.all([1, 2, 3, 4].map((n) => world.product(shop, { ...key, title: `Lamp ${n}` })));
    expect(new Set(made.map(({ id }) => id)).size).toBe(1);
    expect((await world.product(await world.shop(), key)).id).not.toBe(made[0]?.id);
  });

  test('leaves sold pieces sold when a file is imported twice, and takes a new count as it is', async () => {
    const key = { externalId: 'counted' };
    const lamp = await world.variant(shop, 5, key);
    const order = orderOf([lamp, 2]);
    await world.placed(order);
    await world.confirmed(order);
    await world.untilAvailable(lamp.id, 3);
    expect(await world.variant(shop, 5, key)).toMatchObject({ id: lamp.id, available: 3 });
    expect(await world.variant(shop, 8, key)).toMatchObject({ id: lamp.id, available: 8 });
  });
});

describe('a change', () => {
  test('of a product touches what is given only', async () => {
    const { id, variants, createdAt } = await world.product(shop, { vendor: 'Ana', tags: ['a'] });
    const changed = await world.as(shop.owner, UpdateProduct, { id, title: 'Lamp 2', vendor: null });
    expect(changed).toMatchObject({ __typename: 'Product', title: 'Lamp 2', vendor: null, tags: ['a'], createdAt });
    expect(await seeVariant(variants[0]?.id ?? '')).toMatchObject({ productTitle: 'Lamp 2' });
    expect(await world.as(shop.owner, UpdateProduct, { id: typeIds.next('product') })).toMatchObject({
      __typename: 'NotFound',
      type: 'Product',
    });
  });

  test('of a price has a version and an event, and a currency that is not the merchant’s is refused', async () => {
    const { id, productId } = await world.variant(shop, 1);
    const price = money(4500, 'EUR');
    const changed = await world.as(shop.owner, UpdateVariant, {
      id,
      price,
      compareAtPrice: money(4900, 'EUR'),
      sku: 'L',
    });
    expect(changed).toMatchObject({ __typename: 'Variant', price, priceVersion: 2, sku: 'L', available: 1 });
    const events = () => told.of(PriceChangedEvent).filter(({ data }) => data.variantId === id);
    await eventually(
      () => expect(events()[0]?.data).toMatchObject({ productId, after: price, priceVersion: 2 }),
      PATIENTLY,
    );
    const wrong = await world.as(shop.owner, UpdateVariant, { id, price: money(1, 'JPY') });
    expect(wrong).toMatchObject({ __typename: 'InvalidInput', fields: [{ path: ['price', 'currency'] }] });
    const nothing = await world.as(shop.owner, UpdateVariant, { id: typeIds.next('variant') });
    expect(nothing).toMatchObject({ __typename: 'NotFound', type: 'Variant' });
  });

  test('of all prices of a hundred variants fits into one write', async () => {
    const variants = (amount: number) =>
      Array.from({ length: 100 }, (_, n) => variantOf(1, { options: size(`${n}`), price: money(amount, 'EUR') }));
    const key = { externalId: 'hundred' };
    const { id } = await world.product(shop, { ...key, variants: variants(1) });
    const changed = await world.product(shop, { ...key, variants: variants(2) });
    expect(changed.variants.every(({ priceVersion }) => priceVersion === 2)).toBe(true);
    const events = () => told.of(PriceChangedEvent).filter(({ data }) => data.productId === id);
    await eventually(() => expect(events().length).toBeGreaterThanOrEqual(100), PATIENTLY);
  });

  test('of a count never goes below what is reserved', async () => {
    const { owner } = shop;
    const lamp = await world.variant(shop, 3);
    const order = orderOf([lamp, 2]);
    await world.placed(order);
    await world.untilAvailable(lamp.id, 1);
    const variantId = lamp.id;
    const refused = await world.as(owner, SetStock, { variantId, onHand: 1 });
    expect(refused).toMatchObject({ __typename: 'InvalidInput', fields: [{ path: ['onHand'] }] });
    expect(await world.as(owner, SetStock, { variantId, onHand: 2 })).toMatchObject({ available: 0 });
    expect(await world.as(owner, SetStock, { variantId, onHand: 9 })).toMatchObject({ available: 7 });
    await world.cancelling(order);
    await world.untilAvailable(variantId, 9);
    const unknown = await world.as(owner, SetStock, { variantId: typeIds.next('variant'), onHand: 1 });
    expect(unknown).toMatchObject({ __typename: 'NotFound', type: 'Variant' });
  });

  test('is made once for one client key, and another input under it is refused', async () => {
    const { id } = await world.variant(shop, 3);
    const key = { clientMutationKey: `once ${id}`, variantId: id };
    const results = await Promise.all([1, 2, 3].map(() => world.as(shop.owner, SetStock, { ...key, onHand: 5 })));
    for (const result of results) expect(result).toMatchObject({ __typename: 'Variant', available: 5 });
    const other = await world.as(shop.owner, SetStock, { ...key, onHand: 6 });
    expect(other).toMatchObject({ __typename: 'IdempotencyConflict' });
    const twice = await Promise.all([1, 2].map(() => world.create(shop, { clientMutationKey: 'lamp', title: 'Once' })));
    expect(twice[0]).toEqual(twice[1]);
  });
});

describe('whoever is not on the staff', () => {
  let lamp: VariantView;
  let draft: VariantView;
  beforeAll(async () => {
    lamp = await world.variant(shop, 3);
    draft = await world.variant(shop, 3, { status: 'DRAFT' });
  });

  test('changes nothing, also not with a merchant of their own', async () => {
    const rival = await world.shop();
    for (const person of [stranger, rival.owner]) {
      await expect(world.create({ owner: person, merchantId: shop.merchantId })).rejects.toBeInstanceOf(ForbiddenError);
      const tries = [
        world.as(person, UpdateProduct, { id: lamp.productId, title: 'Mine' }),
        world.as(person, UpdateVariant, { id: lamp.id, price: money(1, 'EUR') }),
        world.as(person, SetStock, { variantId: lamp.id, onHand: 0 }),
      ];
      for (const refused of await Promise.allSettled(tries)) {
        expect(refused).toMatchObject({ status: 'rejected', reason: { code: 'FORBIDDEN' } });
      }
    }
    expect(await seeVariant(lamp.id)).toEqual(lamp);
    const nowhere = { owner: stranger, merchantId: typeIds.next('merchant') };
    expect(await world.create(nowhere)).toMatchObject({ __typename: 'NotFound', type: 'Merchant' });
    const nobody = world.as(null, SetStock, { variantId: lamp.id, onHand: 0 });
    await expect(nobody).rejects.toBeInstanceOf(UnauthenticatedError);
  });

  test('does not learn that a draft or an archived product is there', async () => {
    for (const person of [null, stranger]) {
      expect(await see(draft.productId, person)).toBeUndefined();
      expect(await seeVariant(draft.id, person)).toBeUndefined();
    }
    expect(await world.as(stranger, UpdateProduct, { id: draft.productId })).toMatchObject({ __typename: 'NotFound' });
    expect(await world.as(stranger, UpdateVariant, { id: draft.id })).toMatchObject({ __typename: 'NotFound' });
    expect(await world.as(stranger, SetStock, { variantId: draft.id, onHand: 1 })).toMatchObject({
      __typename: 'NotFound',
    });
    await world.as(shop.owner, UpdateProduct, { id: draft.productId, status: 'ACTIVE' });
    expect(await see(draft.productId)).toMatchObject({ status: 'ACTIVE' });
    await world.as(shop.owner, UpdateProduct, { id: draft.productId, status: 'ARCHIVED' });
    expect(await see(draft.productId)).toBeUndefined();
  });

  test('does both with a grant in the token', async () => {
    const staff = await world.identity.signIn({ merchantIds: [shop.merchantId] });
    expect(await see(draft.productId, staff)).toMatchObject({ status: 'ARCHIVED' });
    expect(await seeVariant(draft.id, shop.owner)).toMatchObject({ productStatus: 'ARCHIVED' });
    expect(await world.as(staff, SetStock, { variantId: draft.id, onHand: 8 })).toMatchObject({ available: 8 });
    expect(await world.create({ ...shop, owner: staff })).toMatchObject({ __typename: 'Product' });
  });
});

test('every query was answered by an index', async () => {
  await world.queries.explainAll(await world.connect());
});
