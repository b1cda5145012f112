import { expect, test } from '@jest/globals';
import { idFrom } from '#contracts';
import { openMerchant, toMerchantView } from './merchant.js';

const AT = new Date('2026-11-25T12:00:00.000Z');
const [ID, OWNER] = [idFrom('merchant', AT, ''), idFrom('account', AT, '')];

test('a merchant belongs to whoever opened it, and is told with all that others copy', () => {
  const { state, events } = openMerchant(ID, { name: 'Ana', handle: 'ana', currency: 'EUR' }, OWNER, AT);
  const [created] = events;
  const told = { merchantId: ID, ownerAccountId: OWNER, name: 'Ana', handle: 'ana', currency: 'EUR' };
  expect(created?.contract.schema.parse(created.data)).toEqual(told);
  expect(toMerchantView(ID, state)).toMatchObject({ id: ID, ownerAccountId: OWNER, createdAt: AT.toISOString() });
});
