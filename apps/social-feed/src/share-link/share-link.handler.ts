import { randomInt } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DuplicateKeyError, isDuplicateKey, OutboxFullError, type Stored } from '#persistence';
import type { OperationContext } from '#service-kit';
import { click, countOrder, createLink, newCode, type ShareLink, type ShareTarget } from './share-link.js';
import { LinkOrders, ShareLinkRepository } from './share-link.repository.js';

const CODE_ATTEMPTS = 5;

export interface ConfirmedOrder {
  readonly orderId: string;
  /** Of the link that it came through. */
  readonly code: string;
  readonly confirmedAt: Date;
}

@Injectable()
export class ShareLinkHandler {
  constructor(
    private readonly links: ShareLinkRepository,
    private readonly orders: LinkOrders,
  ) {}

  /** The person's link to this, made if there is none. */
  async create(target: ShareTarget, context: OperationContext): Promise<Stored<ShareLink>> {
    for (let attempt = 1; ; attempt++) {
      const present = await this.links.findByTarget(target);
      if (present) return present;
      const linkId = context.newId('link');
      const { state, events } = createLink(linkId, target, newCode(randomInt), context.at);
      try {
        return (await this.links.insert(linkId, state, events, { commandId: context.commandId })).stored;
      } catch (error) {
        // The same was shared at the same moment, or the code is another's.
        if (!(error instanceof DuplicateKeyError) || attempt === CODE_ATTEMPTS) throw error;
      }
    }
  }

  /** Null for an unknown code. A click counts even while nothing can be told of it: the next event carries the sum. */
  async click(code: string): Promise<Stored<ShareLink> | null> {
    const link = await this.links.findByCode(code);
    if (!link) return null;
    try {
      return (await this.links.mutate(link.id, (present) => click(link.id, present)))?.stored ?? null;
    } catch (error) {
      if (!(error instanceof OutboxFullError)) throw error;
      const counted = await this.links.mutate(link.id, (present) => ({ state: click(link.id, present).state }));
      return counted?.stored ?? null;
    }
  }

  /**
   * Counts an order for the link with this code, once. Exact because orders only ever come to be: each is written before
   * all are counted, and the count is written only if no other was meanwhile.
   */
  async countOrder(code: string, orderId: string, confirmedAt: Date): Promise<void> {
    const link = await this.links.findByCode(code);
    if (!link) return;
    if (await this.isTold(orderId, link.id, confirmedAt)) return;
    const count = () => this.orders.countOf(link.id);
    await this.links.mutate(link.id, async (present) => countOrder(link.id, present, orderId, await count()), {
      commandId: orderId,
    });
    await this.orders.model.updateOne({ _id: orderId }, { $set: { told: true } }).exec();
  }

  /**
   * Orders of which it is not known any more whether they were counted. What their links told before counts them already;
   * where there are more, the link tells of all.
   */
  async recallOrders(orders: readonly ConfirmedOrder[]): Promise<void> {
    const codes = [...new Set(orders.map(({ code }) => code))];
    const links = new Map((await this.links.byCodes(codes)).map((link) => [link.state.code, link]));
    const known = orders.flatMap(({ code, ...order }) => {
      const link = links.get(code);
      return link === undefined ? [] : [{ ...order, link }];
    });
    await this.orders.recall(
      known.map(({ orderId, confirmedAt, link }) => ({ orderId, confirmedAt, linkId: link.id })),
    );
    const counts = await this.orders.countsOf([...new Set(known.map(({ link }) => link.id))]);
    for (const [id, { link, orderId }] of new Map(known.map((order) => [order.link.id, order]))) {
      const count = counts.get(id) ?? 0;
      const isMore = ({ orders: told }: ShareLink): boolean => count > told;
      // What a link tells only ever goes up: where it told enough a moment ago, it does so now.
      if (isMore(link.state))
        await this.links.mutate(id, (present) => (isMore(present) ? countOrder(id, present, orderId, count) : {}));
    }
  }

  private async isTold(orderId: string, linkId: string, confirmedAt: Date): Promise<boolean> {
    const first = { $setOnInsert: { linkId, confirmedAt, told: false } };
    try {
      await this.orders.model.updateOne({ _id: orderId }, first, { upsert: true }).exec();
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
    const order = await this.orders.model.findOne({ _id: orderId }).lean().exec();
    return order?.told === true;
  }
}
