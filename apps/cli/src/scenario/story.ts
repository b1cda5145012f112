import { money, type Money } from '#contracts';
import { LiveValues } from './live-values.js';
import { HomeFeed, VariantNow, VariantUpdated, type Card } from './scenario-queries.js';
import type { Person, Stage } from './stage.js';

export interface Lamp {
  readonly merchantId: string;
  readonly productId: string;
  readonly variantId: string;
}

export const LAMP_PRICE: Money = money(4_900, 'EUR');
export const LAMPS = 3;

/** Who plays in the story, and what it is about. */
export class Story {
  readonly live: LiveValues<{ variantUpdated: { id: string; available: number | null } }>;

  constructor(
    readonly stage: Stage,
    readonly ana: Person,
    readonly ben: Person,
    readonly cleo: Person,
    readonly lamp: Lamp,
  ) {
    this.live = new LiveValues(stage.url, VariantUpdated, { ids: [lamp.productId] });
  }

  /** How many lamps there are, by a query. */
  async available(): Promise<number | null | undefined> {
    return (await this.ben.client.ask(VariantNow, { id: this.lamp.variantId })).variant?.available;
  }

  /** What the subscription has told, without repetitions. */
  told(): (number | null)[] {
    const all = this.live.values.map(({ variantUpdated }) => variantUpdated.available);
    return all.filter((available, index) => index === 0 || available !== all[index - 1]);
  }

  /** The first card of Ben's home feed. */
  async card(): Promise<Card | undefined> {
    return (await this.ben.client.ask(HomeFeed)).homeFeed?.nodes[0];
  }
}

/** How a card with the lamp looks. */
export const cardOf = (
  post: { readonly id: string; readonly text: string },
  author: Person,
  available: number,
  rating: { readonly average: number | null; readonly count: number },
): Card => ({
  reason: 'FOLLOWING',
  post: {
    ...post,
    author: { handle: author.handle },
    productTags: [{ variant: { available, price: LAMP_PRICE }, product: { title: 'Desk lamp', rating } }],
  },
});

export const NO_RATING = { average: null, count: 0 };
