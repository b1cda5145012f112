import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { DocumentCollection, InjectDatabase, isDuplicateKey } from '#persistence';
import { Clock, RateLimitedError, SERVICE_CONFIG } from '#service-kit';
import type { IdentityConfig } from '../config.js';
import { clientNetwork } from './client-network.policy.js';

interface Attempts {
  /** Hash of what is counted: the addresses of people are not kept. */
  _id: string;
  count: number;
  expiresAt: Date;
}

const WINDOW_MS = 15 * 60_000;

/** Who tries to sign in, and from where. */
export interface Trier {
  readonly email: string;
  readonly clientAddress?: string | null;
}

/**
 * Counts sign-ins that have not succeeded. A try is counted before the password is checked, so that many at once are
 * not more than the limit either, and given back when it was right.
 */
@Injectable()
export class SignInAttemptRepository extends DocumentCollection<Attempts> {
  constructor(
    @InjectDatabase() connection: Connection,
    private readonly clock: Clock,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
  ) {
    super(connection, { name: 'sign-in-attempts', indexes: [[{ expiresAt: 1 }, { expireAfterSeconds: 0 }]] });
  }

  /** The address first: who has used up its tries does not use up those of other people's emails. Errors: RateLimitedError. */
  async take({ email, clientAddress }: Trier): Promise<void> {
    const { signInTriesPerAddress, signInTriesPerEmail } = this.config;
    const now = this.clock.now();
    const mayTry =
      (!clientAddress || (await this.takeOne(addressCounter(clientAddress), signInTriesPerAddress, now))) &&
      (await this.takeOne(emailCounter(email), signInTriesPerEmail, now));
    if (!mayTry) throw new RateLimitedError('Too many attempts to sign in; try again in a few minutes');
  }

  /** The password was right: the email starts anew, the address has its try back. */
  async giveBack({ email, clientAddress }: Trier): Promise<void> {
    await this.model.deleteOne({ _id: emailCounter(email) }).exec();
    if (!clientAddress) return;
    const counter = { _id: addressCounter(clientAddress), count: { $gt: 0 } };
    await this.model.updateOne(counter, { $inc: { count: -1 } }).exec();
  }

  private async takeOne(id: string, limit: number, now: Date): Promise<boolean> {
    for (;;) {
      const counted = await this.model
        .updateOne({ _id: id, expiresAt: { $gt: now }, count: { $lt: limit } }, { $inc: { count: 1 } })
        .exec();
      if (counted.matchedCount === 1) return true;
      const known = await this.model.findOne({ _id: id }).lean<Attempts>().exec();
      if (known && known.expiresAt > now) {
        if (known.count >= limit) return false;
      } else if (await this.begin(id, known, new Date(now.getTime() + WINDOW_MS))) return true;
    }
  }

  /** False when another began meanwhile. */
  private async begin(id: string, ended: Attempts | null, expiresAt: Date): Promise<boolean> {
    if (ended) {
      const filter = { _id: id, expiresAt: ended.expiresAt };
      const { matchedCount } = await this.model.updateOne(filter, { $set: { count: 1, expiresAt } }).exec();
      return matchedCount === 1;
    }
    try {
      await this.model.create({ _id: id, count: 1, expiresAt });
      return true;
    } catch (error) {
      if (isDuplicateKey(error)) return false;
      throw error;
    }
  }
}

const emailCounter = (email: string): string => hash(`email ${email}`);
const addressCounter = (address: string): string => hash(`address ${clientNetwork(address)}`);
const hash = (text: string): string => createHash('sha256').update(text).digest('base64url');
