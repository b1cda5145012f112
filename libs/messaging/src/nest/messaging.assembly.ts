import { randomUUID } from 'node:crypto';
import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { allEvents, type EventContract, type ServiceName } from '#contracts';
import type { LeaseStore } from '#persistence';
import type { MessageBus } from '../bus/message-bus.js';
import { ConsumerRunner, type MessageProcessor } from '../consumer/consumer-runner.js';
import type { GroupMember } from '../consumer/group-member.js';
import { EventProcessor } from '../consumer/event-processor.js';
import { on, onBatch, type EventRoute } from '../consumer/event-route.js';
import { ParkedRetrier } from '../consumer/parked-retrier.js';
import { StallWatch } from '../consumer/stall-watch.js';
import type { ParkingLot } from '../consumer/parking-lot.js';
import { silentLogger, type Logger } from '../logger.js';
import { messagingMetrics, type MessagingMetrics } from '../metrics.js';
import type { MessagingOptions } from '../options.js';
import type { OutboxOwner } from '../outbox/aggregate-outbox.js';
import { OutboxRelay } from '../outbox/outbox-relay.js';
import { Restoration } from '../state/in-place.js';
import { InPlaceRebuilds } from '../state/in-place-rebuilds.js';
import { topicsOf, type ProjectedCollection, type Restoring } from '../state/projection.js';
import { ProjectionMember } from '../state/projection-member.js';
import type { ProjectionMarkers } from '../state/projection-markers.js';
import type { InPlaceRebuild, Remake } from '../state/remake.js';
import { StateCopier } from '../state/state-copier.js';
import { DRAIN_MS, type MessagingParts } from './messaging.js';
import { consumerGroupOf, handlerMethodsOf } from './on-event.decorator.js';
import type { InstanceOf, RestorationDefinition } from './restoration.js';

export interface ServiceMessaging {
  readonly service: ServiceName;
  /** Repositories whose outboxes are published; providers of the service's modules. */
  readonly aggregates: readonly Type<OutboxOwner>[];
  /** Classes with `@ConsumerGroup`; providers of the service's modules. */
  readonly reactions: readonly Type<object>[];
  /** Those of its consumer groups that can be made anew from the state topics. */
  readonly projections?: readonly ProjectionDefinition[];
  /** What it restores in place where its database is new, before it does anything else. */
  readonly restorations?: readonly RestorationDefinition[];
  /** What it makes of its own documents, in place; where its database is new, after the restorations. */
  readonly remakes?: readonly RemakeDefinition[];
  /** Groups that can't be made anew, by their names: why not, and what to do instead, in one sentence. */
  readonly lasting?: Readonly<Record<string, string>>;
  /** Where the service has no global provider of `MESSAGING_OPTIONS`. */
  readonly options?: MessagingOptions;
  /** Events that it publishes; all that it owns by default. */
  readonly publishes?: readonly EventContract[];
}

/** A group whose reactions do nothing but write these collections, which nobody else writes. */
export interface ProjectionDefinition {
  readonly group: string;
  /** Providers of the service's modules. */
  readonly collections: readonly Type<ProjectedCollection>[];
  /** How it is made anew, where its reactions would do more with each state than is needed when there are many. */
  readonly restored?: RestorationDefinition;
}

/** What the service makes of its own documents. */
export interface RemakeDefinition {
  /** A consumer group that keeps it up, or another name. */
  readonly name: string;
  /** A provider of the service's modules. */
  readonly remake: Type<Remake>;
}

interface Dependencies {
  readonly modules: ModuleRef;
  readonly options: MessagingOptions;
  readonly bus: MessageBus;
  readonly parkingLot: ParkingLot;
  readonly leases: LeaseStore;
  readonly markers: ProjectionMarkers;
  /** Rejects when the database does not answer. */
  readonly askDatabase: () => Promise<void>;
}

/** The names of all that the service can make anew, in the order in which it would. */
export const rebuildableOf = ({ restorations = [], projections = [], remakes = [] }: ServiceMessaging): string[] => [
  ...restorations.map(({ name }) => name),
  ...projections.map(({ group }) => group),
  ...remakes.map(({ name }) => name),
];

/** What the parts are made of. */
interface Context extends Dependencies {
  readonly instance: string;
  readonly logger: Logger;
  readonly metrics: MessagingMetrics;
  readonly publishes: readonly EventContract[];
  readonly instanceOf: InstanceOf;
}

/** Finds repositories and reactions in the service's modules and connects them. @throws TypeError for wrong decorators. */
export function assemble(service: ServiceMessaging, dependencies: Dependencies): MessagingParts {
  const { modules, options, bus, leases, parkingLot, askDatabase } = dependencies;
  const logger = options.logger ?? silentLogger;
  const metrics = messagingMetrics(options.metrics);
  const instance = `${options.clientId}-${randomUUID()}`;
  const publishes = service.publishes ?? allEvents.filter(({ owner }) => owner === service.service);
  const instanceOf = <Provider>(type: Type<Provider>): Provider => modules.get(type, { strict: false });
  const context: Context = { ...dependencies, instance, logger, metrics, publishes, instanceOf };
  const aggregates = service.aggregates.map(instanceOf);
  const relayed = { service: service.service, bus, aggregates, contracts: publishes, leases, instance };
  const groups = routesByGroup(service.reactions, instanceOf);
  const processors = [...groups].map(
    ([group, routes]) => new EventProcessor({ group, routes, parkingLot, metrics, logger }),
  );
  const restoring = (service.restorations ?? []).map((definition) => restorationOf(definition, context));
  const followers = processors.map((processor) =>
    followerOf(service, processor, groups.get(processor.group) ?? [], context),
  );
  const copiers = copiersOf(service, context);
  const members = [...followers, ...copiers];
  const onStalled = options.onStalled ?? (() => undefined);
  const limit = options.stalledAfterMs === undefined ? {} : { stalledAfterMs: options.stalledAfterMs };
  return {
    relay: new OutboxRelay({ ...relayed, metrics, logger }),
    copiers,
    followers,
    inPlace: (topicsExist) => inPlaceOf(service, restoring, context, topicsExist),
    retrier: new ParkedRetrier({
      parkingLot,
      processors: [...processors, ...restoring.map(({ processor }) => processor)],
      metrics,
      logger,
    }),
    watch: new StallWatch({ members, bus, askDatabase, onStalled, metrics, logger, ...limit }),
    contracts: [...publishes, ...[...groups.values()].flat().map(({ contract }) => contract)],
    drainMs: options.drainMs ?? DRAIN_MS,
    logger,
  };
}

function runnerOf(
  { bus, metrics, logger, options }: Context,
  processor: MessageProcessor,
  topics: readonly string[],
  patient = false,
): ConsumerRunner {
  const { drainMs } = options;
  const limit = drainMs === undefined ? {} : { drainMs };
  return new ConsumerRunner({ bus, topics, processor, patient, metrics, logger, ...limit });
}

/** Keeps up the state topics; none where nothing is published. */
function copiersOf({ service }: ServiceMessaging, context: Context): ConsumerRunner[] {
  const { bus, publishes, metrics, logger } = context;
  if (publishes.length === 0) return [];
  const processor = new StateCopier({ service, bus, contracts: publishes, metrics, logger });
  return [runnerOf(context, processor, topicsOf(publishes), true)];
}

function followerOf(
  { projections = [] }: ServiceMessaging,
  processor: EventProcessor,
  routes: readonly EventRoute[],
  context: Context,
): GroupMember {
  const contracts = routes.map(({ contract }) => contract);
  const follow = () => runnerOf(context, processor, topicsOf(contracts));
  const definition = projections.find(({ group }) => group === processor.group);
  if (definition === undefined) return follow();
  const collections = definition.collections.map(context.instanceOf);
  const { restored } = definition;
  // In the same line of the parking lot: what could not be taken from a state is tried again as a live event.
  const restoring = restored && { restoring: restoringOf(processor.group, restored, context) };
  const projection = { name: processor.group, collections, contracts, processor, ...restoring };
  return new ProjectionMember({ ...context, projection, follow });
}

function restorationOf(definition: RestorationDefinition, context: Context) {
  const { name, after = [], collection } = definition;
  const { bus, logger, instanceOf } = context;
  // A group of its own in the parking lot: what can't be read of a state is no event that a group of the service missed.
  const restoring = restoringOf(`${name}.restore`, definition, context);
  const parts = { name, after, bus, collections: [instanceOf(collection)], logger };
  return { restoration: new Restoration({ ...parts, ...restoring }), processor: restoring.processor };
}

function restoringOf(group: string, definition: RestorationDefinition, context: Context): Restoring {
  const { parkingLot, metrics, logger, instanceOf } = context;
  const routes = definition.routes(instanceOf);
  const contracts = routes.map(({ contract }) => contract);
  // Nobody waits behind it, and what is restored is complete when it says so.
  const processor = new EventProcessor({ group, routes, parkingLot, metrics, logger, patienceMs: Infinity });
  return definition.remake ? { contracts, processor, remake: instanceOf(definition.remake) } : { contracts, processor };
}

function inPlaceOf(
  { remakes = [] }: ServiceMessaging,
  restoring: readonly { readonly restoration: Restoration }[],
  { markers, leases, instance, logger, instanceOf }: Context,
  topicsExist: Promise<unknown>,
): InPlaceRebuilds {
  const later = remakes.map(({ name, remake }): InPlaceRebuild => {
    const made = instanceOf(remake);
    return { name, isMissing: (topicsExist) => made.isMissing(topicsExist), rebuild: (run) => made.rebuild(run) };
  });
  const first = restoring.map(({ restoration }) => restoration);
  return new InPlaceRebuilds({ first, later, topicsExist, markers, leases, instance, logger });
}

/** The handlers of each group, in the order in which the service lists its reactions. */
export function routesByGroup(
  reactions: readonly Type<object>[],
  instanceOf: (reaction: Type<object>) => object,
): Map<string, EventRoute[]> {
  const groups = new Map<string, EventRoute[]>();
  for (const reaction of reactions) {
    const group = consumerGroupOf(reaction);
    groups.set(group, [...(groups.get(group) ?? []), ...routesOf(reaction, instanceOf(reaction))]);
  }
  return groups;
}

function routesOf(reaction: Type<object>, instance: object): EventRoute[] {
  const methods = handlerMethodsOf(reaction);
  if (methods.length === 0) throw new TypeError(`${reaction.name} has no @OnEvent`);
  const calls = new Map(methods.map(({ method }) => [method, callOf(reaction, instance, method)]));
  return methods.map(({ contract, method, batched }): EventRoute => {
    // One function for all contracts of a method: by that their events are known to go together.
    const call = calls.get(method) ?? callOf(reaction, instance, method);
    return batched ? onBatch(contract, call) : on(contract, call);
  });
}

function callOf(reaction: Type<object>, instance: object, method: string | symbol): (given: unknown) => Promise<void> {
  const handler: unknown = Reflect.get(instance, method);
  if (typeof handler !== 'function') throw new TypeError(`${reaction.name}.${String(method)} is no method`);
  return async (given) => void (await handler.call(instance, given));
}
