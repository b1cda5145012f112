import { createHash } from 'node:crypto';

/** Room for what makes it unique: a handle has at most 100 characters. */
const LONGEST_BASE = 80;
const NUMBERED = 3;
const SEEDED = 4;

/** What of a title can be in a handle: `Crème brûlée №5` → `creme-brulee-no5`. Empty where nothing can: `台灯`. */
export function handleBase(title: string): string {
  const ascii = title
    .normalize('NFKD')
    .replaceAll(/\p{Mark}/gu, '')
    .toLowerCase();
  const base = ascii.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+/g, '');
  return base.slice(0, LONGEST_BASE).replaceAll(/-+$/g, '');
}

/**
 * Handles for a title, the nicest first: `lamp`, `lamp-2`, `lamp-3`, then with eight digits that follow from the seed.
 * Real exports repeat titles a hundred times over, and would otherwise try as many.
 */
export function handleCandidates(title: string, seed: string): string[] {
  const base = handleBase(title);
  const numbered = Array.from({ length: NUMBERED - 1 }, (_, index) => `${base}-${index + 2}`);
  const seeded = Array.from({ length: SEEDED }, (_, index) => `${base || 'product'}-${digest(`${seed}.${index}`)}`);
  return base === '' ? seeded : [base, ...numbered, ...seeded];
}

const digest = (seed: string): string => createHash('sha256').update(seed).digest('hex').slice(0, 8);
