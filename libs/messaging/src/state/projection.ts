import type { EventContract } from '#contracts';
import type { EventProcessor } from '../consumer/event-processor.js';
import type { Remake } from './remake.js';

/** A collection that holds nothing but what a projection has made of events; every `DocumentCollection` fits. */
export interface ProjectedCollection {
  readonly definition: { readonly name: string };
  isEmpty(): Promise<boolean>;
  clear(): Promise<void>;
}

/** A consumer group whose handlers do nothing but write collections of their own: it can be made anew from state topics. */
export interface Projection {
  /** The consumer group. */
  readonly name: string;
  readonly collections: readonly ProjectedCollection[];
  /** Of the events that it takes. */
  readonly contracts: readonly EventContract[];
  readonly processor: EventProcessor;
  /** How it is made of states, where that is another way than to handle them as live events. */
  readonly restoring?: Restoring;
}

export interface Restoring {
  /** Of the states that are read. */
  readonly contracts: readonly EventContract[];
  readonly processor: EventProcessor;
  /** What follows, once all states are there. */
  readonly remake?: Pick<Remake, 'rebuild'>;
}

export const topicsOf = (contracts: readonly EventContract[]): string[] => [
  ...new Set(contracts.map(({ topic }) => topic)),
];

export async function areEmpty(collections: readonly ProjectedCollection[]): Promise<boolean> {
  for (const collection of collections) if (!(await collection.isEmpty())) return false;
  return true;
}
