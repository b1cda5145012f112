import type { OptionView } from '#contracts';

const MAX_LENGTH = 200;

/** What stands on an order: the product's title with the options chosen, `T-shirt (L, red)`. At most 200 characters. */
export function offerTitle(productTitle: string, options: readonly OptionView[]): string {
  const chosen = options.map(({ value }) => value).join(', ');
  const title = chosen ? `${productTitle} (${chosen})` : productTitle;
  const characters = [...title];
  return characters.length <= MAX_LENGTH ? title : `${characters.slice(0, MAX_LENGTH - 1).join('')}…`;
}
