import { event, ShareLinkClicked, ShareLinkCreated, ShareLinkOrdered, type NewEvent } from '#contracts';

/** A person's own way to a product; what comes through it is counted for them. */
export interface ShareLink {
  /** Owner, product and post: sharing the same again gives the same link. */
  readonly target: string;
  readonly code: string;
  readonly ownerId: string;
  readonly productId: string;
  readonly postId: string | null;
  readonly createdAt: Date;
  readonly clicks: number;
  /** Orders that came through it and were confirmed. */
  readonly orders: number;
}
export interface ShareTarget {
  readonly ownerId: string;
  readonly productId: string;
  readonly postId: string | null;
}

/** No 0, 1, i, l, o: a code may be read from paper. 31 letters to the 10th: about 8 * 10^14 codes. */
const ALPHABET = '23456789abcdefghjkmnpqrstuvwxyz';
const CODE_LENGTH = 10;

/** @param randomInt a uniform whole number from 0 up to, not including, `below`; unguessable. */
export const newCode = (randomInt: (below: number) => number): string =>
  Array.from({ length: CODE_LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');

export const targetOf = ({ ownerId, productId, postId }: ShareTarget): string =>
  `${ownerId}|${productId}|${postId ?? ''}`;

const dataOf = (linkId: string, { code, ownerId, productId, postId, createdAt }: ShareLink) => ({
  linkId,
  code,
  ownerId,
  productId,
  postId,
  createdAt: createdAt.toISOString(),
});

export function createLink(linkId: string, target: ShareTarget, code: string, at: Date) {
  const state: ShareLink = { ...target, target: targetOf(target), code, createdAt: at, clicks: 0, orders: 0 };
  return { state, events: [event(ShareLinkCreated, dataOf(linkId, state))] as NewEvent[] };
}

export function click(linkId: string, link: ShareLink): { state: ShareLink; events: NewEvent[] } {
  const state = { ...link, clicks: link.clicks + 1 };
  return { state, events: [event(ShareLinkClicked, { ...dataOf(linkId, state), clicks: state.clicks })] };
}

/** @param orders all confirmed orders through this link, the one of orderId among them. */
export function countOrder(linkId: string, link: ShareLink, orderId: string, orders: number) {
  const state: ShareLink = { ...link, orders: Math.max(link.orders, orders) };
  const told = event(ShareLinkOrdered, { ...dataOf(linkId, state), orderId, orders: state.orders });
  return { state, events: [told] as NewEvent[] };
}
