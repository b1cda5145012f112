import { eventually } from '#testing';
import { signInAgain, signUp, type Person } from '../support/people.js';
import { fillCart, list, openShop, type Listed } from '../support/shop.js';
import { insist } from './insist.js';
import type { World } from './world.js';

/** A product of one variant, and how many pieces of it there are. */
export interface Sku extends Listed {
  readonly initial: number;
}

/** Tokens live for 15 min. */
const AGAIN_AFTER_MS = 8 * 60_000;

/** Who sells what in a run. */
export class Stage {
  private readonly timer: NodeJS.Timeout;

  constructor(
    private person: Person,
    readonly merchantId: string,
    readonly skus: readonly Sku[],
  ) {
    this.timer = setInterval(() => void this.signInAgain(), AGAIN_AFTER_MS);
  }

  get owner(): Person {
    return this.person;
  }

  close(): void {
    clearInterval(this.timer);
  }

  /** Where nobody answers for so long, the run has other troubles than a token. */
  private async signInAgain(): Promise<void> {
    this.person = await insist(() => signInAgain(this.person)).catch(() => this.person);
  }
}

/** Opens a shop, and waits until its goods can be bought. */
export async function setStage({ api }: World, skuCount: number, pieces: number): Promise<Stage> {
  const owner = await insist(() => signUp(api, 'Owner'));
  const shop = await insist(() => openShop(owner));
  const skus: Sku[] = [];
  for (let number = 0; number < skuCount; number++) {
    skus.push({ ...(await list(shop, `Lamp ${number}`, pieces)), initial: pieces });
  }
  const visitor = await signUp(api, 'Visitor');
  for (const { variantId } of skus) await eventually(() => fillCart(visitor, variantId), { timeoutMs: 60_000 });
  return new Stage(owner, shop.merchantId, skus);
}
