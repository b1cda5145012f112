import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { AggregateRepository, InjectDatabase, type Stored } from '#persistence';
import type { Merchant } from './merchant.js';

@Injectable()
export class MerchantRepository extends AggregateRepository<Merchant> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, {
      name: 'merchants',
      indexes: [[{ handle: 1 }, { unique: true }], [{ ownerAccountId: 1 }]],
    });
  }

  async findByHandle(handle: string): Promise<Stored<Merchant> | undefined> {
    return (await this.findWhere({ handle: handle.trim().toLowerCase() }, { limit: 1 }))[0];
  }

  ofOwner(ownerAccountId: string): Promise<Stored<Merchant>[]> {
    return this.findWhere({ ownerAccountId });
  }
}
