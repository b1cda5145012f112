import { seeded } from '../support/random.js';

/** Each is done to one member, or to the topics. */
export type Fault =
  | { readonly kind: 'kill' | 'freeze' | 'starve'; readonly member: string; readonly forMs: number }
  | { readonly kind: 'clock'; readonly member: string; readonly forMs: number; readonly offsetMs: number }
  | { readonly kind: 'duplicates'; readonly share: number; readonly count: number }
  | { readonly kind: 'poison'; readonly topic: string; readonly type: string };

/** What is done when, from the end of the fault before. */
export type Planned = Fault & { readonly afterMs: number };

const POISONS = [
  ['order.order.v1', 'order.placed'],
  ['catalog.stock.v1', 'stock.reserved'],
  ['catalog.product.v1', 'product.changed'],
  ['social.post.v1', 'post.published'],
] as const;
/** Faults come in this order of kinds, so that a run of ten has them all; what they strike is up to the seed. */
const KINDS = [
  'kill',
  'duplicates',
  'freeze',
  'poison',
  'kill',
  'clock',
  'servers',
  'duplicates',
  'starve',
  'freeze',
] as const;

/** Seconds off at most; tokens live for 15 min, holds and deadlines for longer than this, too. */
const CLOCK_MS = 20_000;
const GAP_MS = 700;

/** The faults of a run. The same seed and members give the same ones. */
export function schedule(seed: number, count: number, members: readonly string[]): Planned[] {
  const random = seeded(seed);
  const between = (least: number, most: number): number => Math.round(least + random() * (most - least));
  const oneOf = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const services = members.filter((name) => name !== 'servers');
  // Instances come round, so that a run strikes all of them before it strikes one again.
  const round = services.map((name) => ({ name, rank: random() })).toSorted((a, b) => a.rank - b.rank);
  let struck = 0;
  const next = (): string => round[struck++ % round.length]!.name;
  const fault = (kind: (typeof KINDS)[number], isFirstRound: boolean): Fault => {
    switch (kind) {
      case 'kill':
        return { kind, member: next(), forMs: between(100, 1_500) };
      case 'servers':
        if (!members.includes('servers')) return { kind: 'kill', member: next(), forMs: between(100, 1_500) };
        // A short run has one chance, and a crash is the harder of the two.
        return {
          kind: isFirstRound ? 'kill' : oneOf(['kill', 'freeze']),
          member: 'servers',
          forMs: between(100, 1_500),
        };
      case 'freeze':
        return { kind, member: next(), forMs: between(1_000, 4_000) };
      case 'starve':
        return { kind, member: next(), forMs: between(2_000, 4_000) };
      case 'clock':
        return { kind, member: next(), forMs: between(1_500, 3_000), offsetMs: between(-CLOCK_MS, CLOCK_MS) };
      case 'duplicates':
        return { kind, share: random(), count: between(20, 60) };
      case 'poison': {
        const [topic, type] = oneOf(POISONS);
        return { kind, topic, type };
      }
    }
  };
  return Array.from({ length: count }, (_, index) => ({
    ...fault(KINDS[index % KINDS.length]!, index < KINDS.length),
    afterMs: between(GAP_MS / 2, GAP_MS * 2),
  }));
}
