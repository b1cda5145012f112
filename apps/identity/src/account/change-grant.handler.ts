import { Injectable } from '@nestjs/common';
import type { Stored } from '#persistence';
import { give, take, type AccountState, type Grant } from './account.js';
import { AccountRepository } from './account.repository.js';

export interface GrantChange {
  readonly kind: 'give' | 'take';
  readonly grant: Grant;
  /** Of the account. */
  readonly email: string;
}
export interface GrantOutcome {
  readonly account: Stored<AccountState>;
  /** False when there was nothing to change. */
  readonly changed: boolean;
}

/** Gives or takes a grant. Doing it again changes nothing. */
@Injectable()
export class ChangeGrant {
  constructor(private readonly accounts: AccountRepository) {}

  /** Null when nobody signed up with this email. */
  async change({ kind, grant, email }: GrantChange): Promise<GrantOutcome | null> {
    const known = await this.accounts.findByEmail(email.trim().toLowerCase());
    if (!known) return null;
    const decide = kind === 'give' ? give : take;
    const outcome = await this.accounts.mutate(known.id, (state) => {
      const change = decide(known.id, state, grant);
      return change ? { ...change, result: true } : { result: false };
    });
    return outcome && { account: outcome.stored, changed: outcome.result ?? false };
  }
}
