import { seeded } from '../support/random.js';

/** What a process can no longer reach, and nobody it. */
export type CutFrom = 'broker' | 'database' | 'everything';

/** Each is done to one or more processes, or to the topics. */
export type Fault =
  | { readonly kind: 'kill' | 'freeze'; readonly victims: readonly string[]; readonly forMs: number }
  | { readonly kind: 'starve'; readonly victim: string; readonly forMs: number }
  | { readonly kind: 'cut-off'; readonly victim: string; readonly from: CutFrom; readonly forMs: number }
  | { readonly kind: 'clock'; readonly victim: string; readonly forMs: number; readonly offsetMs: number }
  | { readonly kind: 'duplicates'; readonly share: number; readonly count: number }
  | { readonly kind: 'poison'; readonly topic: string; readonly type: string };

/** What is done when, from the end of the fault before. */
export type Planned = Fault & { readonly afterMs: number };

export interface Targets {
  readonly services: readonly string[];
  /** Broker and database, where they can be hurt. */
  readonly servers: readonly string[];
}

export interface Pace {
  /** Between two faults, on average. */
  readonly gapMs: number;
  /** No fault lasts longer. */
  readonly longestMs: number;
}

const POISONS = [
  ['order.order.v1', 'order.placed'],
  ['catalog.stock.v1', 'stock.reserved'],
  ['catalog.product.v1', 'product.changed'],
  ['social.post.v1', 'post.published'],
] as const;
/** Faults come in this order of kinds, so that a run of eight has them all; what they strike is up to the seed. */
const KINDS = [
  'kill',
  'duplicates',
  'cut-off',
  'kill-servers',
  'poison',
  'starve',
  'clock',
  'freeze',
  'kill',
  'freeze-servers',
] as const;
type Kind = (typeof KINDS)[number];

/** Seconds off at most; tokens live for 15 min, holds and deadlines for longer than this, too. */
const CLOCK_MS = 20_000;

/** The faults of a run. The same seed, targets and pace give the same ones. */
export function schedule(seed: number, count: number, { services, servers }: Targets, pace: Pace): Planned[] {
  const random = seeded(seed);
  const between = (least: number, most: number): number => Math.round(least + random() * (most - least));
  const oneOf = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const lasting = (least: number): number => between(Math.min(least, pace.longestMs), pace.longestMs);
  // Instances come round, so that a run strikes all of them before it strikes one again.
  const round = services.map((name) => ({ name, rank: random() })).toSorted((a, b) => a.rank - b.rank);
  let struck = 0;
  const next = (): string => round[struck++ % round.length]!.name;
  // A short run has one chance, and the loss of both is the hardest.
  const someServers = (isFirstRound: boolean): readonly string[] =>
    servers.length === 0 ? [next()] : isFirstRound ? servers : oneOf([servers, ...servers.map((name) => [name])]);
  const fault = (kind: Kind, isFirstRound: boolean): Fault => {
    switch (kind) {
      case 'kill':
        return { kind, victims: [next()], forMs: between(100, 1_500) };
      case 'kill-servers':
        return { kind: 'kill', victims: someServers(isFirstRound), forMs: between(100, 1_500) };
      case 'freeze':
        return { kind, victims: [next()], forMs: lasting(1_000) };
      case 'freeze-servers':
        return { kind: 'freeze', victims: someServers(isFirstRound), forMs: lasting(1_000) };
      case 'starve':
        return { kind, victim: next(), forMs: lasting(2_000) };
      case 'cut-off':
        return { kind, victim: next(), from: oneOf(['broker', 'database', 'everything']), forMs: lasting(500) };
      case 'clock':
        return { kind, victim: next(), forMs: lasting(1_500), offsetMs: between(-CLOCK_MS, CLOCK_MS) };
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
    afterMs: between(pace.gapMs / 2, (pace.gapMs * 3) / 2),
  }));
}
