import { z } from 'zod';
import { defineEvent } from './envelope.js';
import { AccountRole } from './identity.views.js';
import { idOf } from './ids.js';

const IDS = {
  account: 'account_01m84gm0f0f25a4d8x22mf2yaw',
  profile: 'profile_01m84gm0f0f25a4d8x22mf2yaw',
  merchant: 'merchant_01m84gm0f0f25a4d8x22mf2yaw',
};

const accountEvent = { topic: 'identity.account.v1', owner: 'identity', key: 'accountId' } as const;

export const AccountCreated = defineEvent({
  ...accountEvent,
  type: 'account.created',
  description: 'A person signed up; the handle is unique among people, and profileId names the profile to be.',
  schema: z.object({ accountId: idOf('account'), profileId: idOf('profile'), name: z.string(), handle: z.string() }),
  example: { accountId: IDS.account, profileId: IDS.profile, name: 'Cleo', handle: 'cleo' },
});

/** What was given or taken, and what the account holds after it. */
const Grant = z.object({
  accountId: idOf('account'),
  profileId: idOf('profile'),
  grant: z.enum(['platform', 'merchant-staff']),
  /** Of a merchant-staff grant. */
  merchantId: idOf('merchant').nullish(),
  roles: z.array(AccountRole),
  merchantIds: z.array(idOf('merchant')),
});
const grantExample = {
  accountId: IDS.account,
  profileId: IDS.profile,
  grant: 'merchant-staff',
  merchantId: IDS.merchant,
};

export const AccountGranted = defineEvent({
  ...accountEvent,
  type: 'account.granted',
  description:
    'An account got the platform role or a place on the staff of a merchant; tokens show it after a refresh.',
  schema: Grant,
  example: {
    ...grantExample,
    grant: 'merchant-staff' as const,
    roles: ['customer' as const],
    merchantIds: [IDS.merchant],
  },
});
export const AccountRevoked = defineEvent({
  ...accountEvent,
  type: 'account.revoked',
  description:
    'An account lost the platform role or its place on the staff of a merchant; tokens show it after a refresh.',
  schema: Grant,
  example: { ...grantExample, grant: 'merchant-staff' as const, roles: ['customer' as const], merchantIds: [] },
});

export const identityEvents = [AccountCreated, AccountGranted, AccountRevoked] as const;
