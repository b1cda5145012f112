import type { Connection } from 'mongoose';
import { DocumentCollection, isDuplicateKey } from '#persistence';

interface EndpointDocument {
  _id: string;
  url: string;
}
const LATEST = 'latest';

/** Where the shop said last that it listens: it may have come back at another address since a charge was made. */
export class EndpointStore extends DocumentCollection<EndpointDocument> {
  private known: string | undefined;

  constructor(connection: Connection) {
    super(connection, { name: 'endpoints', indexes: [] });
  }

  async latest(): Promise<string | undefined> {
    if (this.known === undefined) {
      const found = await this.model.findOne({ _id: LATEST }).lean().exec();
      this.known = found?.url;
    }
    return this.known;
  }

  async remember(url: string): Promise<void> {
    if (this.known === url) return;
    const change = { $set: { url } };
    await this.model.updateOne({ _id: LATEST }, change, { upsert: true }).catch((error: unknown) => {
      if (!isDuplicateKey(error)) throw error;
      // Another request made the document at the same moment.
      return this.model.updateOne({ _id: LATEST }, change).exec();
    });
    this.known = url;
  }
}
