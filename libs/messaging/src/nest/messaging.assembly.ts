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
import { silentLogger } from '../logger.js';
import { messagingMetrics } from '../metrics.js';
import type { MessagingOptions } from '../options.js';
import type { OutboxOwner } from '../outbox/aggregate-outbox.js';
import { OutboxRelay } from '../outbox/outbox-relay.js';
import { topicsOf, type ProjectedCollection } from '../state/projection.js';
import { ProjectionMember } from '../state/projection-member.js';
import type { ProjectionMarkers } from '../state/projection-markers.js';
import { StateCopier } from '../state/state-copier.js';
import type { MessagingParts } from './messaging.js';
import { consumerGroupOf, handlerMethodsOf } from './on-event.decorator.js';

export interface ServiceMessaging {
  readonly service: ServiceName;
  /** Repositories whose outboxes are published; providers of the service's modules. */
  readonly aggregates: readonly Type<OutboxOwner>[];
  /** Classes with `@ConsumerGroup`; providers of the service's modules. */
  readonly reactions: readonly Type<object>[];
  /** Those of its consumer groups that can be made anew from the state topics. */
  readonly projections?: readonly ProjectionDefinition[];
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

/** Finds repositories and reactions in the service's modules and connects them. @throws TypeError for wrong decorators. */
export function assemble(service: ServiceMessaging, dependencies: Dependencies): MessagingParts {
  const { modules, options, bus, parkingLot, leases, markers, askDatabase } = dependencies;
  const instance = `${options.clientId}-${randomUUID()}`;
  const logger = options.logger ?? silentLogger;
  const metrics = messagingMetrics(options.metrics);
  const groups = routesByGroup(service.reactions, (reaction) => modules.get<object>(reaction, { strict: false }));
  const publishes = service.publishes ?? allEvents.filter(({ owner }) => owner === service.service);
  const relay = new OutboxRelay({
    service: service.service,
    bus,
    aggregates: service.aggregates.map((aggregate) => modules.get(aggregate, { strict: false })),
    contracts: publishes,
    leases,
    instance,
    metrics,
    logger,
  });
  const processors = [...groups].map(
    ([group, routes]) => new EventProcessor({ group, routes, parkingLot, metrics, logger }),
  );
  const retrier = new ParkedRetrier({ parkingLot, processors, metrics, logger });
  const runnerOf = (processor: MessageProcessor, topics: readonly string[], patient = false) =>
    new ConsumerRunner({ bus, topics, processor, patient, metrics, logger });
  const runners = processors.map((processor): GroupMember => {
    const contracts = (groups.get(processor.group) ?? []).map(({ contract }) => contract);
    const follow = () => runnerOf(processor, topicsOf(contracts));
    const projection = service.projections?.find(({ group }) => group === processor.group);
    if (projection === undefined) return follow();
    const collections = projection.collections.map((collection) => modules.get(collection, { strict: false }));
    const parts = { bus, markers, leases, instance, follow, logger };
    return new ProjectionMember({ ...parts, projection: { name: processor.group, collections, contracts, processor } });
  });
  if (publishes.length > 0) {
    const copier = new StateCopier({ service: service.service, bus, contracts: publishes, metrics, logger });
    runners.push(runnerOf(copier, topicsOf(publishes), true));
  }
  const onStalled = options.onStalled ?? (() => undefined);
  const { stalledAfterMs } = options;
  const limit = stalledAfterMs === undefined ? {} : { stalledAfterMs };
  const watch = new StallWatch({ members: runners, bus, askDatabase, onStalled, metrics, logger, ...limit });
  const contracts = [...publishes, ...[...groups.values()].flat().map(({ contract }) => contract)];
  return { relay, runners, retrier, watch, contracts, logger };
}

/** The handlers of each group, in the order in which the service lists its reactions. */
export function routesByGroup(
  reactions: readonly Type<object>[],
  instanceOf: (reaction: Type<object>) => object,
): Map<string, EventRoute[]> {
  const groups = new Map<string, EventRoute[]>();
  for (const reaction of reactions) {
    const group = consumerGroupOf(reaction);
    const methods = handlerMethodsOf(reaction);
    if (methods.length === 0) throw new TypeError(`${reaction.name} has no @OnEvent`);
    const instance = instanceOf(reaction);
    const calls = new Map(methods.map(({ method }) => [method, callOf(reaction, instance, method)]));
    const routes = methods.map(({ contract, method, batched }): EventRoute => {
      // One function for all contracts of a method: by that their events are known to go together.
      const call = calls.get(method) ?? callOf(reaction, instance, method);
      return batched ? onBatch(contract, call) : on(contract, call);
    });
    groups.set(group, [...(groups.get(group) ?? []), ...routes]);
  }
  return groups;
}

function callOf(reaction: Type<object>, instance: object, method: string | symbol): (given: unknown) => Promise<void> {
  const handler: unknown = Reflect.get(instance, method);
  if (typeof handler !== 'function') throw new TypeError(`${reaction.name}.${String(method)} is no method`);
  return async (given) => void (await handler.call(instance, given));
}
