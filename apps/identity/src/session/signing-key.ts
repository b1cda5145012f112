import type { JsonWebKeySetView } from '#contracts';

/** A key that signs access tokens. The private part never leaves this service. */
export interface SigningKey {
  readonly kid: string;
  readonly createdAt: Date;
  readonly publicJwk: JsonWebKeySetView['keys'][number];
  readonly privateJwk: Readonly<Record<string, unknown>>;
}

/** Access tokens live this long. */
export const ACCESS_TOKEN_MS = 15 * 60_000;
/** A new key is published this long before it signs, so that everybody who checks tokens has it by then. */
export const PUBLISHED_BEFORE_MS = 60_000;

const newestFirst = (keys: readonly SigningKey[]): SigningKey[] =>
  keys.toSorted(
    (left, right) => right.createdAt.getTime() - left.createdAt.getTime() || (left.kid < right.kid ? 1 : -1),
  );

/** The key that signs at this time: the newest that everybody knows, or the oldest when there is no other. */
export function signingKeyAt(keys: readonly SigningKey[], now: Date): SigningKey | undefined {
  const sorted = newestFirst(keys);
  return sorted.find(({ createdAt }) => createdAt.getTime() + PUBLISHED_BEFORE_MS <= now.getTime()) ?? sorted.at(-1);
}

/** The keys that a token which is good at this time can be signed with, and those that will sign next. */
export function publishedKeysAt(keys: readonly SigningKey[], now: Date): SigningKey[] {
  const sorted = newestFirst(keys);
  const signing = signingKeyAt(keys, now);
  const at = sorted.findIndex((key) => key === signing);
  return sorted.filter((_, index) => {
    const successor = sorted[index - 1];
    if (index <= at || !successor) return true;
    return successor.createdAt.getTime() + PUBLISHED_BEFORE_MS + ACCESS_TOKEN_MS > now.getTime();
  });
}

/** Whether it is time for a new key. */
export function isRotationDue(keys: readonly SigningKey[], now: Date, rotateAfterMs: number): boolean {
  const [newest] = newestFirst(keys);
  return newest === undefined || newest.createdAt.getTime() + rotateAfterMs <= now.getTime();
}
