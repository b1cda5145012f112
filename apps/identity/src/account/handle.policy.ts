import { createHash } from 'node:crypto';

const LONGEST = 30;
/** Room for a number behind a derived handle. */
const LONGEST_BASE = 22;
const NUMBERED = 9;
const RANDOM_DIGITS = 6;

/** What of a name can be in a handle: `Zoë Müller-Łukasz` → `zoe-muller-ukasz`; `person` where nothing can. */
export function handleBase(name: string): string {
  const ascii = name
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase();
  const base = ascii.replaceAll(/[^a-z0-9]+/g, '-').slice(0, LONGEST_BASE);
  return base.replaceAll(/^-+|-+$/g, '') || 'person';
}

/**
 * Handles for a name, the nicest first: `cleo`, `cleo2` … `cleo9`, then with six digits that follow from the seed. Popular
 * names would otherwise try thousands.
 */
export function* handleCandidates(name: string, seed: string): Generator<string, void> {
  const base = handleBase(name);
  yield base;
  for (let number = 2; number <= NUMBERED; number++) yield `${base}${number}`;
  for (let attempt = 0; attempt < 20; attempt++) {
    const digest = createHash('sha256').update(`${seed}.${attempt}`).digest();
    yield `${base}${String(digest.readUInt32BE() % 10 ** RANDOM_DIGITS).padStart(RANDOM_DIGITS, '0')}`.slice(
      0,
      LONGEST,
    );
  }
}
