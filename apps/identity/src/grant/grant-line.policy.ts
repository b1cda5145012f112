import { idOf } from '#contracts';
import type { GrantChange } from '../account/change-grant.handler.js';

/** The command line is not one of those that USAGE lists. code IDENTITY.GRANT_USAGE */
export class GrantUsageError extends Error {
  readonly code = 'IDENTITY.GRANT_USAGE';
  constructor(problem: string) {
    super(`${problem}\n\n${USAGE}`);
  }
}

export const USAGE = `npm run grant -- platform EMAIL                     gives the platform role
npm run grant -- staff EMAIL MERCHANT_ID            puts the account on the staff of a merchant
npm run grant -- revoke platform EMAIL              takes the platform role away
npm run grant -- revoke staff EMAIL MERCHANT_ID     takes it off the staff`;

const MerchantId = idOf('merchant');

/** What the words after `npm run grant --` ask for. Errors: GrantUsageError. */
export function parseGrantLine(words: readonly string[]): GrantChange {
  const kind = words[0] === 'revoke' ? 'take' : 'give';
  const [name, email, merchantId, ...rest] = kind === 'take' ? words.slice(1) : words;
  if (name !== 'platform' && name !== 'staff')
    throw new GrantUsageError(name ? `There is no grant ${name}` : 'What is to be granted?');
  if (!email?.includes('@')) throw new GrantUsageError(email ? `${email} is not an email address` : 'To whom?');
  if (rest.length > 0 || (name === 'platform' && merchantId)) throw new GrantUsageError('These are too many words');
  if (name === 'platform') return { kind, email, grant: { grant: 'platform' } };
  const id = MerchantId.safeParse(merchantId);
  if (!id.success)
    throw new GrantUsageError(merchantId ? `${merchantId} is not the id of a merchant` : 'At which merchant?');
  return { kind, email, grant: { grant: 'merchant-staff', merchantId: id.data } };
}
