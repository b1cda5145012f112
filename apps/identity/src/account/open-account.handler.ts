import { Injectable } from '@nestjs/common';
import { DuplicateKeyError, type Stored } from '#persistence';
import { openAccount, type AccountState } from './account.js';
import { AccountRepository } from './account.repository.js';
import { handleCandidates } from './handle.policy.js';

export interface NewPerson {
  readonly accountId: string;
  readonly email: string;
  readonly name: string;
  readonly createdAt: Date;
  /** The handle that the person asked for; one is made from the name where there is none. */
  readonly wantedHandle?: string;
}

/** Opens the account of a person who has signed up. Doing it again finds the account that is there. */
@Injectable()
export class OpenAccount {
  constructor(private readonly accounts: AccountRepository) {}

  /** Undefined when the handle that the person asked for is taken. */
  async withWantedHandle(person: NewPerson): Promise<Stored<AccountState> | undefined> {
    return person.wantedHandle ? this.tryWith(person, person.wantedHandle) : this.withAnyHandle(person);
  }

  /** With the handle asked for if it is free, otherwise with one made from the name. */
  async withAnyHandle(person: NewPerson): Promise<Stored<AccountState>> {
    const made = handleCandidates(person.name, person.accountId);
    const candidates = person.wantedHandle ? [person.wantedHandle, ...made] : made;
    for (const handle of candidates) {
      const account = await this.tryWith(person, handle);
      if (account) return account;
    }
    throw new Error(`No handle was free for ${person.accountId}`);
  }

  private async tryWith(person: NewPerson, handle: string): Promise<Stored<AccountState> | undefined> {
    const { state, events } = openAccount(person, handle);
    try {
      return (await this.accounts.insert(person.accountId, state, events)).stored;
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error;
      return (await this.accounts.find(person.accountId)) ?? undefined;
    }
  }
}
