import type { Type } from '@nestjs/common';
import type { EventContract, EventOf } from '#contracts';
import type { KnownState } from '#persistence';
import { onBatch, type EventRoute } from '../consumer/event-route.js';
import type { Remake } from '../state/remake.js';
import type { ProjectedCollection } from '../state/projection.js';

/** Gives the provider of the service's modules that is of this class. */
export type InstanceOf = <Provider>(type: Type<Provider>) => Provider;

interface Described {
  readonly name: string;
  /** Names of those, listed before it, that it needs. */
  readonly after?: readonly string[];
  /** What follows once the states are there; a provider of the service's modules. */
  readonly remake?: Type<Pick<Remake, 'rebuild'>>;
}

/** Documents of the service, made anew from the states that were published. */
export interface RestorationDefinition extends Described {
  readonly collection: Type<ProjectedCollection>;
  readonly routes: (instanceOf: InstanceOf) => readonly EventRoute[];
}

interface Restorable<State> extends ProjectedCollection {
  restore(known: readonly KnownState<State>[]): Promise<void>;
}

/** Aggregates from the events that they have published: which, into which repository, and what each tells. */
export function restoredAggregates<Contract extends EventContract, State>({
  into,
  told,
  ...described
}: Described & {
  readonly from: readonly Contract[];
  readonly into: Type<Restorable<State>>;
  readonly told: (event: EventOf<Contract>) => KnownState<State>;
}): RestorationDefinition {
  const take = (aggregates: Restorable<State>, events: readonly EventOf<Contract>[]): Promise<void> =>
    aggregates.restore(events.map(told));
  return restoredBy({ ...described, collection: into, by: into, take });
}

/** Other documents: `by` is a provider that takes events into them by version, and in any order. */
export function restoredBy<Contract extends EventContract, By extends object>({
  from,
  by,
  take,
  ...described
}: Described & {
  readonly from: readonly Contract[];
  readonly collection: Type<ProjectedCollection>;
  readonly by: Type<By>;
  readonly take: (by: By, events: readonly EventOf<Contract>[]) => Promise<void>;
}): RestorationDefinition {
  const routes = (instanceOf: InstanceOf): EventRoute[] => {
    const taker = instanceOf(by);
    // One function for all of them: by that their events are known to go together.
    const handler = (events: readonly unknown[]): Promise<void> => take(taker, events as readonly EventOf<Contract>[]);
    return from.map((contract) => onBatch(contract, handler));
  };
  return { ...described, routes };
}
