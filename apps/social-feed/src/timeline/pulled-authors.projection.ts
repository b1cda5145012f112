import { Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { DocumentCollection, InjectDatabase, isDuplicateKey } from '#persistence';

/**
 * Authors whose posts are not copied into feeds, because they have too many followers. Once here, an author stays: then
 * no feed has to know which of the posts were copied and which were not.
 */
@Injectable()
export class PulledAuthors extends DocumentCollection<{ _id: string; at: Date }> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'pulled-authors', indexes: [] });
  }

  async has(authorId: string): Promise<boolean> {
    return (await this.model.exists({ _id: authorId }).exec()) !== null;
  }

  /** All of them: a few even among many people. */
  async ids(): Promise<string[]> {
    const authors = await this.model
      .find({ _id: { $gt: 'profile_' } }, { _id: 1 })
      .lean()
      .exec();
    return authors.map(({ _id }) => _id);
  }

  async add(authorId: string, at: Date): Promise<void> {
    try {
      await this.model.updateOne({ _id: authorId }, { $setOnInsert: { at } }, { upsert: true }).exec();
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }
}
