import { setTimeout as pause } from 'node:timers/promises';
import { ApiClient } from '../api-client.js';
import { inParallel } from '../parallel.js';
import { knownPassword, rememberedPassword } from '../credentials.js';
import { PEOPLE, SHOPS, type Person } from './content.js';
import { findDemonstration, type FoundDemonstration } from './find-demonstration.js';
import { sampleQueries, type SampleQuery } from './sample-queries.js';
import { type Cast, type Member } from './stage.js';
import { openShops } from './shops.js';
import { follow, post } from './social.js';
import { buy, replyLast } from './sales.js';

interface DemonstrationOptions {
  /** Where the API is: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Where the passwords of its people are kept. */
  readonly dataDir: string;
}

export interface Demonstration {
  /** False when it was there before. */
  readonly isNew: boolean;
  /** Who can sign in; empty when it was made from another data folder, which has the passwords. */
  readonly signIns: readonly { readonly email: string; readonly password: string; readonly role: string }[];
  readonly merchants: readonly { readonly id: string; readonly handle: string }[];
  /** A product with reviews and posts. */
  readonly productId: string;
  /** Somebody with posts. */
  readonly profileHandle: string;
  readonly sampleQueries: readonly SampleQuery[];
}

/** Incomplete after this long: what should show does not. */
export class DemonstrationError extends Error {
  readonly code = 'CLI.DEMONSTRATION';
}

const PROFILE_HANDLE = 'noor';
/** Passwords are hashed slowly on purpose: more at once would only wait. */
const SIGN_UPS_AT_ONCE = 3;
const SHOWN_WITHIN_MS = 15_000;
const LOOK_EVERY_MS = 100;

/**
 * Makes two shops and the people around them through the public API, unless they are there. Every mutation has a key of
 * its own, so that a run after one that was cut off completes it and makes nothing twice (within the 24 h that the API
 * remembers keys). Errors: DemonstrationError, RefusedError, SignInError, ApiError.
 */
export async function loadDemonstration({ url, dataDir }: DemonstrationOptions): Promise<Demonstration> {
  const visitor = new ApiClient(url);
  const present = await findDemonstration(visitor);
  if (present) return describe(present, dataDir, false);
  const cast = await enterAll(url, dataDir);
  const [goods] = await Promise.all([openShops(cast), follow(cast)]);
  const { shares, done } = post(cast, goods);
  const [reviews] = await Promise.all([buy(cast, goods, shares), done]);
  await replyLast(cast, goods, reviews);
  return describe(await untilShown(visitor), dataDir, true);
}

async function enterAll(url: string, dataDir: string): Promise<Cast> {
  const cast = new Map<string, Member>();
  await inParallel(PEOPLE, SIGN_UPS_AT_ONCE, async (person) => {
    const client = new ApiClient(url);
    const { profileId } = await client.enter({ ...signInOf(person, dataDir), name: person.name, handle: person.key });
    cast.set(person.key, { client, profileId });
  });
  return cast;
}

async function untilShown(visitor: ApiClient): Promise<FoundDemonstration> {
  for (const untilMs = Date.now() + SHOWN_WITHIN_MS; Date.now() < untilMs; await pause(LOOK_EVERY_MS)) {
    const found = await findDemonstration(visitor);
    if (found) return found;
  }
  throw new DemonstrationError('the demonstration was made, but its last review does not show');
}

function describe({ productId, merchants }: FoundDemonstration, dataDir: string, isNew: boolean): Demonstration {
  const signIns = PEOPLE.flatMap((person) => {
    const email = emailOf(person);
    const password = knownPassword(dataDir, email);
    return password ? [{ email, password, role: roleOf(person) }] : [];
  });
  const profileHandle = PROFILE_HANDLE;
  return {
    isNew,
    signIns,
    merchants,
    productId,
    profileHandle,
    sampleQueries: sampleQueries(productId, profileHandle),
  };
}

const emailOf = ({ key }: Person): string => `${key}@demo.example`;
const signInOf = (person: Person, dataDir: string) => ({
  email: emailOf(person),
  password: rememberedPassword(dataDir, emailOf(person)),
});
const roleOf = ({ key }: Person): string => {
  const shop = SHOPS.find(({ owner }) => owner === key);
  return shop ? `owns ${shop.name}` : 'customer';
};
