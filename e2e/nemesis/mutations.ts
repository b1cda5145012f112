import { join } from 'node:path';
import type { Fault } from './schedule.js';

export type Mutation = 'version-guard' | 'dedup' | 'commit-order' | 'skipped-event' | 'fan-out' | 'recount';

interface Plan {
  /** What of the services it switches off, and how. */
  readonly preload: string;
  /** What brings the defect to light, one after the other. */
  readonly faults: readonly Fault[];
  /** How long orders that may yet become final are waited for before it can be seen. */
  readonly patienceMs: number;
  /** A problem that this defect causes, as the checker words it. */
  readonly cause: RegExp;
}

const times = (count: number, faults: readonly Fault[]): Fault[] => Array.from({ length: count }, () => faults).flat();
const preload = (name: Mutation): string => join(import.meta.dirname, 'mutations', `${name}.mjs`);

/** Defects that the product must not have, each as a file that is loaded into its services, and what shows it. */
export const MUTATIONS: Readonly<Record<Mutation, Plan>> = {
  // Two catalogs write the same few stocks: no fault is needed.
  'version-guard': {
    preload: preload('version-guard'),
    faults: [],
    patienceMs: 0,
    cause: /^versions: catalog\.stock\.v1 .* came as number|^stock: .* reserved, its orders have/,
  },
  dedup: {
    preload: preload('dedup'),
    faults: times(3, [{ kind: 'duplicates', share: 1, count: 60 }]),
    patienceMs: 0,
    cause: /^stock: .* (has its pieces already|was sold to before)/,
  },
  // What was committed and not done when a catalog died is never done.
  'commit-order': {
    preload: preload('commit-order'),
    faults: times(3, [
      { kind: 'kill', victims: ['catalog-1'], forMs: 100 },
      { kind: 'kill', victims: ['catalog-2'], forMs: 100 },
    ]),
    // What is only late after six kills is done by then; what was lost is not.
    patienceMs: 75_000,
    cause:
      /^consumers: .* never handled version|^orders: .* is left CANCELLING|^sales: .* is a sale without pieces|^stock: .* still has pieces set aside/,
  },
  'skipped-event': {
    preload: preload('skipped-event'),
    faults: [],
    patienceMs: 0,
    cause: /^consumers: .* never handled version/,
  },
  // All events were handled, and what the handlers made of them is wrong: only working it out again shows that.
  'fan-out': {
    preload: preload('fan-out'),
    faults: [],
    patienceMs: 0,
    cause: /^feeds: home feed of .* lacks/,
  },
  recount: {
    preload: preload('recount'),
    faults: [],
    patienceMs: 0,
    cause: /^follows: .* shows \d+ (followers|followed)|^engagement: .* shows \d+/,
  },
};

export const isMutation = (name: string): name is Mutation => Object.hasOwn(MUTATIONS, name);
export const MUTATION_NAMES = Object.keys(MUTATIONS).filter(isMutation);
