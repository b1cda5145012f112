import { setTimeout as pause } from 'node:timers/promises';
import type { Result } from '../support/api.js';
import { signUp, type Person } from '../support/people.js';
import { seeded } from '../support/random.js';
import { ADDRESS } from '../support/shop.js';
import type { Acknowledged } from './checker/recording.js';
import { Crowd } from './crowd.js';
import { insist } from './insist.js';
import { SocialActs } from './social-acts.js';
import type { Stage } from './stage.js';
import type { World } from './world.js';

export interface LoadOptions {
  readonly seed: number;
  /** It goes on for as long as these are not reached and it is not told to end. */
  readonly checkouts: number;
  readonly buyersAtOnce: number;
  /** Where given, it goes on for so long instead. */
  readonly seconds?: number | undefined;
  /** Between two checkouts of one buyer, on average. */
  readonly pauseMs: number;
  /** What somebody does besides buying, for each checkout. */
  readonly socialActs: number;
}

/** What people are at. */
export interface Activity {
  /** Orders that were asked for and are not answered. */
  readonly placing: number;
  /** Everything that was asked for and is not answered. */
  readonly underWay: number;
  /** Everything that was asked for so far. */
  readonly asked: number;
}

/** An order and who may look at it. */
export interface Bought {
  readonly id: string;
  readonly buyer: Person;
}

interface OrderAnswer {
  readonly id: string;
  readonly state: string;
  readonly lines: readonly { readonly id: string }[];
}

const ON_ORDER = '... on Order { id state lines { id } }';
const TOKENS = ['tok_approve', 'tok_approve', 'tok_approve', 'tok_duplicate_callback', 'tok_decline'] as const;
const SLOW_TOKENS = ['tok_timeout_then_approve', 'tok_timeout_then_decline'] as const;
const CHECKOUTS_EACH = 8;
const REVIEW_ATTEMPTS = 20;
const REVIEW_AGAIN_MS = 250;

/** People who buy, cancel, review and do what people do among each other. Each says everything under a key of its own until it is answered. */
export class Load {
  readonly acknowledged: Acknowledged[] = [];
  readonly bought: Bought[] = [];
  readonly crowd = new Crowd();
  /** Carts that were to become an order, whatever came of it. */
  checkouts = 0;
  unanswered = 0;
  private placing = 0;
  private underWay = 0;
  private asked = 0;
  private isEnding = false;
  private readonly awaiting: (() => void)[] = [];
  private readonly beganAt = Date.now();
  private readonly walks: Promise<void>;

  constructor(
    private readonly world: World,
    private readonly stage: Stage,
    private readonly options: LoadOptions,
  ) {
    const walks = Array.from({ length: options.buyersAtOnce }, (_, walker) => this.walk(walker));
    this.walks = Promise.all(walks).then(() => undefined);
    // Whoever awaits the end is told.
    this.walks.catch(() => undefined);
  }

  get activity(): Activity {
    return { placing: this.placing, underWay: this.underWay, asked: this.asked };
  }

  /** Resolves when the next order has been asked for; never where nobody orders any more. */
  orderBegun(): Promise<void> {
    return new Promise((resolve) => this.awaiting.push(resolve));
  }

  /** How much of it is done, 1 when all is. */
  get progress(): number {
    const { seconds, checkouts } = this.options;
    return seconds === undefined ? this.checkouts / checkouts : (Date.now() - this.beganAt) / (seconds * 1_000);
  }

  /** Ends once there were enough checkouts, and everything begun is answered. */
  end(): Promise<void> {
    this.isEnding = true;
    return this.walks;
  }

  private get isOver(): boolean {
    return this.isEnding && this.progress >= 1;
  }

  /** Asks until there is an answer. */
  async insist<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
    this.asked++;
    this.underWay++;
    return insist(ask).finally(() => this.underWay--);
  }

  /** Counts an order that is asked for until it is answered. */
  async place<Result>(ask: () => Promise<Result>): Promise<Result> {
    this.placing++;
    const answer = ask();
    for (const begun of this.awaiting.splice(0)) begun();
    return answer.finally(() => this.placing--);
  }

  /** Undefined when there was never an answer: what was asked for may have been done. */
  async say<Fields>(
    { api }: Person,
    mutation: string,
    clientMutationKey: string,
    input: object,
    fields: string,
  ): Promise<Result<Fields> | undefined> {
    try {
      return await this.insist(() => api.run<Fields>(mutation, { ...input, clientMutationKey }, fields));
    } catch {
      this.unanswered++;
      return undefined;
    }
  }

  private async walk(walker: number): Promise<void> {
    const { seed, pauseMs, socialActs } = this.options;
    const random = seeded(seed + walker * 7_919);
    // Whom they meet is up to the machine; what they buy is not.
    const socialRandom = seeded(seed + walker * 7_919 + 1);
    const productIds = this.stage.skus.map(({ productId }) => productId);
    for (let buyerNumber = 0; !this.isOver; buyerNumber++) {
      const buyer = await this.insist(() => signUp(this.world.api, 'Buyer'));
      this.crowd.join(buyer);
      const name = `${seed}-${walker}-${buyerNumber}`;
      const social = new SocialActs(this, buyer, name, productIds, socialRandom);
      const visit = new Visit(this, this.stage, buyer, name, social, random);
      for (let number = 0; number < CHECKOUTS_EACH && !this.isOver; number++) {
        await visit.checkOut(number);
        const rest = pause(random() * 2 * pauseMs);
        for (let act = 0; act < socialActs; act++) await social.act();
        await rest;
      }
    }
  }
}

/** One buyer's time in the shop. */
class Visit {
  private orders: OrderAnswer[] = [];
  private keys = 0;

  constructor(
    private readonly load: Load,
    private readonly stage: Stage,
    private readonly buyer: Person,
    private readonly name: string,
    private readonly social: SocialActs,
    private readonly random: () => number,
  ) {}

  async checkOut(number: number): Promise<void> {
    const { skus } = this.stage;
    const { variantId, productId } = skus[Math.floor(this.random() * skus.length)]!;
    const cartId = await this.fill(variantId, this.random() < 0.2 ? 2 : 1);
    const paymentToken = this.token();
    const key = `${this.name}-order-${number}`;
    this.load.checkouts++;
    if (cartId !== undefined)
      await this.place(key, { cartId, paymentToken, shareCode: this.social.codeFor(productId) });
    // What comes back is for sale again, so that there is work as long as the run lasts.
    if (cartId === undefined || this.random() < 0.15) await this.cancelOne();
    if (this.random() < 0.1) await this.reviewOne();
  }

  private token(): string {
    const tokens = this.random() < 0.05 ? SLOW_TOKENS : TOKENS;
    return tokens[Math.floor(this.random() * tokens.length)]!;
  }

  private async fill(variantId: string, quantity: number): Promise<string | undefined> {
    const answer = await this.load.insist(() =>
      this.buyer.api.run<{ id: string }>('setCartLine', { variantId, quantity }, '... on Cart { id }'),
    );
    return answer.__typename === 'Cart' ? answer.id : undefined;
  }

  private async place(key: string, placement: object): Promise<void> {
    const input = { ...placement, shippingAddress: ADDRESS };
    const answer = await this.load.place(() => this.say<OrderAnswer>('placeOrder', key, input, ON_ORDER));
    if (answer?.__typename !== 'Order') return;
    this.orders.push(answer);
    this.load.bought.push({ id: answer.id, buyer: this.buyer });
    this.load.acknowledged.push({ kind: 'order', key, id: answer.id });
  }

  private async cancelOne(): Promise<void> {
    const order = this.orders.shift();
    const who = this.random() < 0.3 ? this.stage.owner : this.buyer;
    if (order) await this.load.say(who, 'cancelOrder', this.nextKey(), { id: order.id }, ON_ORDER);
  }

  /** Has an order delivered, if it is a sale by now, and tells what it thinks of it, if the shop knows by then. */
  private async reviewOne(): Promise<void> {
    const order = this.orders.shift();
    const [line] = order?.lines ?? [];
    if (!order || !line) return;
    for (const mutation of ['shipOrder', 'deliverOrder']) {
      const answer = await this.load.insist(() =>
        this.stage.owner.api.run(mutation, { id: order.id }, '... on Order { id }'),
      );
      if (answer.__typename !== 'Order') return;
    }
    await this.review({ orderLineId: line.id, stars: 1 + Math.floor(this.random() * 5), text: 'Bright.' });
  }

  /** A refusal has its key for itself: the shop may not have heard of the delivery yet. */
  private async review(input: object): Promise<void> {
    for (let attempt = 0; attempt < REVIEW_ATTEMPTS; attempt++) {
      const key = this.nextKey();
      const review = await this.say<{ id: string }>('writeReview', key, input, '... on Review { id }');
      if (review?.__typename === 'Review') {
        this.load.acknowledged.push({ kind: 'review', key, id: review.id });
        if (this.random() < 0.5) await this.reply(review.id);
      }
      if (review?.__typename !== 'NotDelivered') return;
      await pause(REVIEW_AGAIN_MS);
    }
  }

  private async reply(reviewId: string): Promise<void> {
    const key = this.nextKey();
    const input = { reviewId, text: `Thank you, ${key}.` };
    const answer = await this.load.say(this.stage.owner, 'replyToReview', key, input, '... on Review { id }');
    if (answer?.__typename === 'Review') this.load.acknowledged.push({ kind: 'reply', key, id: reviewId });
  }

  private say<Fields>(mutation: string, key: string, input: object, fields: string) {
    return this.load.say<Fields>(this.buyer, mutation, key, input, fields);
  }

  private readonly nextKey = (): string => `${this.name}-${++this.keys}`;
}
