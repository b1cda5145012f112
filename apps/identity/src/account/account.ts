import {
  AccountCreated,
  AccountGranted,
  AccountRevoked,
  event,
  idFrom,
  type AccountRole,
  type AccountView,
  type NewEvent,
  type ViewerView,
} from '#contracts';

/** A person's account: what others see of it, and what it may do. Password and sessions are better-auth's. */
export interface AccountState {
  readonly profileId: string;
  readonly email: string;
  readonly name: string;
  /** Unique among people. */
  readonly handle: string;
  readonly roles: readonly AccountRole[];
  /** Merchants whose staff it is on. */
  readonly merchantIds: readonly string[];
  readonly createdAt: Date;
}

/** The platform role, or a place on the staff of a merchant. */
export type Grant = { readonly grant: 'platform' } | { readonly grant: 'merchant-staff'; readonly merchantId: string };

interface Person {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  readonly createdAt: Date;
}
interface Change {
  readonly state: AccountState;
  readonly events: readonly NewEvent[];
}

/** The account of a person who has signed up. The profile's id follows from the account's, so that doing it twice agrees. */
export function openAccount({ accountId, email, name, createdAt }: Person, handle: string): Change {
  const profileId = idFrom('profile', createdAt, accountId);
  const state: AccountState = { profileId, email, name, handle, roles: ['customer'], merchantIds: [], createdAt };
  return { state, events: [event(AccountCreated, { accountId, profileId, name, handle })] };
}

/** Undefined when the account holds it already. */
export function give(accountId: string, state: AccountState, grant: Grant): Change | undefined {
  if (holds(state, grant)) return undefined;
  const next =
    grant.grant === 'platform'
      ? { ...state, roles: [...state.roles, 'platform' as const] }
      : { ...state, merchantIds: [...state.merchantIds, grant.merchantId] };
  return { state: next, events: [event(AccountGranted, grantData(accountId, next, grant))] };
}

/** Undefined when the account does not hold it. */
export function take(accountId: string, state: AccountState, grant: Grant): Change | undefined {
  if (!holds(state, grant)) return undefined;
  const next =
    grant.grant === 'platform'
      ? { ...state, roles: state.roles.filter((role) => role !== 'platform') }
      : { ...state, merchantIds: state.merchantIds.filter((id) => id !== grant.merchantId) };
  return { state: next, events: [event(AccountRevoked, grantData(accountId, next, grant))] };
}

const holds = (state: AccountState, grant: Grant): boolean =>
  grant.grant === 'platform' ? state.roles.includes('platform') : state.merchantIds.includes(grant.merchantId);

const grantData = (accountId: string, state: AccountState, grant: Grant) => ({
  accountId,
  profileId: state.profileId,
  ...grant,
  roles: [...state.roles],
  merchantIds: [...state.merchantIds],
});

/** As everybody may see it. */
export const accountView = (id: string, { profileId, name, handle }: AccountState): AccountView => ({
  id,
  profileId,
  name,
  handle,
});

/** As its owner sees it. */
export const viewerView = (id: string, state: AccountState): ViewerView => ({
  ...accountView(id, state),
  email: state.email,
  roles: [...state.roles],
  merchantIds: [...state.merchantIds],
});

/** A name as it is kept, in Unicode's composed form and without control characters; undefined when nothing visible is left. */
export function cleanName(name: string): string | undefined {
  const clean = name
    .normalize('NFC')
    .replaceAll(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .replaceAll(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
  return /[^\p{Cf}\p{Zs}\p{Mark}]/u.test(clean) ? clean : undefined;
}
