import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { AggregateRepository, InjectDatabase, queryTerms, searchTerms, type Stored } from '#persistence';
import type { Profile } from './profile.js';

export type StoredProfile = Profile & { readonly createdAt: Date; readonly terms: string[] };

/** With the terms that a profile is found under: its name and its handle. */
export const findable = (profile: Profile, createdAt: Date): StoredProfile => ({
  ...profile,
  createdAt,
  terms: searchTerms(profile.name, profile.handle),
});

@Injectable()
export class ProfileRepository extends AggregateRepository<StoredProfile> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, {
      name: 'profiles',
      indexes: [[{ handle: 1 }], [{ terms: 1, _id: -1 }]],
    });
  }

  async findByHandle(handle: string): Promise<Stored<StoredProfile> | null> {
    const [profile] = await this.findWhere({ handle: handle.trim().toLowerCase() }, { limit: 1 });
    return profile ?? null;
  }

  /** Those that have every word of the query, newest first. */
  async search(query: string, below: string | undefined, limit: number): Promise<Stored<StoredProfile>[]> {
    const terms = queryTerms(query);
    if (terms.length === 0) return [];
    const place = below === undefined ? {} : { _id: { $lt: below } };
    return this.findWhere({ terms: { $all: terms }, ...place }, { sort: { _id: -1 }, limit });
  }
}
