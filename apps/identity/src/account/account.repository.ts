import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { AggregateRepository, InjectDatabase, type Stored } from '#persistence';
import type { AccountState } from './account.js';

@Injectable()
export class AccountRepository extends AggregateRepository<AccountState> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'accounts', indexes: [[{ handle: 1 }, { unique: true }], [{ email: 1 }]] });
  }

  async isHandleTaken(handle: string): Promise<boolean> {
    return (await this.model.exists({ handle }).exec()) !== null;
  }

  /** By the address it signed up with, in lower case. */
  async findByEmail(email: string): Promise<Stored<AccountState> | null> {
    return (await this.findWhere({ email }, { limit: 1 }))[0] ?? null;
  }
}
