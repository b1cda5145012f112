import { connectDatabase, databaseName } from '#persistence';
import type { Variables } from '#service-kit';
import { AccountRepository } from '../account/account.repository.js';
import { ChangeGrant, type GrantChange, type GrantOutcome } from '../account/change-grant.handler.js';
import { parseGrantLine } from './grant-line.policy.js';
import { findRunningDatabase, NoSystemError, type RunningDatabase } from './running-database.js';

/** Nobody signed up with this email. code IDENTITY.NO_ACCOUNT */
export class NoAccountError extends Error {
  readonly code = 'IDENTITY.NO_ACCOUNT';
}

/**
 * Does what a command line asks for, in the database of a running system, whose identity service then publishes it.
 * Returns what was done, in words. Errors: GrantUsageError, NoSystemError, NoAccountError.
 */
export async function grantFromCommandLine(words: readonly string[], variables: Variables): Promise<string> {
  const change = parseGrantLine(words);
  const database = await findRunningDatabase(variables);
  const outcome = await changeIn(database, change);
  if (!outcome) throw new NoAccountError(`Nobody has signed up with ${change.email} yet`);
  return describe(change, outcome);
}

async function changeIn({ uri, namespace }: RunningDatabase, change: GrantChange): Promise<GrantOutcome | null> {
  const name = databaseName(namespace, 'identity');
  const connection = await connectDatabase({ uri, name, maxPoolSize: 1 }).catch((cause: unknown) => {
    const place = uri.replace(/\/\/[^@/]*@/, '//');
    throw new NoSystemError(`There is no database at ${place}: is Grapevine running?`, { cause });
  });
  try {
    return await new ChangeGrant(new AccountRepository(connection)).change(change);
  } finally {
    await connection.close();
  }
}

function describe({ kind, grant }: GrantChange, { account, changed }: GrantOutcome): string {
  const { name, handle, email, roles, merchantIds } = account.state;
  const who = `${name} (@${handle}, ${email}, ${account.id})`;
  const what = grant.grant === 'platform' ? 'the platform role' : `a place on the staff of ${grant.merchantId}`;
  if (!changed)
    return `Nothing to do: ${who} ${kind === 'give' ? 'has' : 'does not have'} ${what}${kind === 'give' ? ' already' : ''}.`;
  const staff = merchantIds.length > 0 ? `; staff of ${merchantIds.join(', ')}` : '';
  return [
    `${who} ${kind === 'give' ? 'now has' : 'no longer has'} ${what}.`,
    `It holds: ${roles.join(', ')}${staff}. Tokens show it after the next sign-in or refresh, in 15 minutes at the latest.`,
  ].join('\n');
}
