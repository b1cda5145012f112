import { randomUUID } from 'node:crypto';
import type { Type } from '@nestjs/common';
import type { ModuleRef } from '@nestjs/core';
import { allEvents, type EventContract, type ServiceName } from '#contracts';
import type { LeaseStore } from '#persistence';
import type { MessageBus } from '../bus/message-bus.js';
import { ConsumerRunner } from '../consumer/consumer-runner.js';
import { EventProcessor } from '../consumer/event-processor.js';
import { on, onBatch, type EventRoute } from '../consumer/event-route.js';
import { ParkedRetrier } from '../consumer/parked-retrier.js';
import { StallWatch } from '../consumer/stall-watch.js';
import type { ParkingLot } from '../consumer/parking-lot.js';
import { silentLogger } from '../logger.js';
import { messagingMetrics, type MessagingMetrics } from '../metrics.js';
import type { MessagingOptions } from '../options.js';
import type { OutboxOwner } from '../outbox/aggregate-outbox.js';
import { OutboxRelay } from '../outbox/outbox-relay.js';
import type { MessagingParts } from './messaging.js';
import { consumerGroupOf, handlerMethodsOf } from './on-event.decorator.js';

export interface ServiceMessaging {
  readonly service: ServiceName;
  /** Repositories whose outboxes are published; providers of the service's modules. */
  readonly aggregates: readonly Type<OutboxOwner>[];
  /** Classes with `@ConsumerGroup`; providers of the service's modules. */
  readonly reactions: readonly Type<object>[];
  /** Where the service has no global provider of `MESSAGING_OPTIONS`. */
  readonly options?: MessagingOptions;
  /** Events that it publishes; all that it owns by default. */
  readonly publishes?: readonly EventContract[];
}

interface Dependencies {
  readonly modules: ModuleRef;
  readonly options: MessagingOptions;
  readonly bus: MessageBus;
  readonly parkingLot: ParkingLot;
  readonly leases: LeaseStore;
  /** Rejects when the database does not answer. */
  readonly askDatabase: () => Promise<void>;
}

/** Finds repositories and reactions in the service's modules and connects them. @throws TypeError for wrong decorators. */
export function assemble(service: ServiceMessaging, dependencies: Dependencies): MessagingParts {
  const { modules, options, bus, parkingLot, leases, askDatabase } = dependencies;
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
    instance: `${options.clientId}-${randomUUID()}`,
    metrics,
    logger,
  });
  const processors = [...groups].map(
    ([group, routes]) => new EventProcessor({ group, routes, parkingLot, metrics, logger }),
  );
  const retrier = new ParkedRetrier({ parkingLot, processors, metrics, logger });
  const runners = runnersOf(processors, groups, { bus, metrics, options });
  const onStalled = options.onStalled ?? (() => undefined);
  const watch = new StallWatch({ members: runners, bus, askDatabase, onStalled, metrics, logger });
  const contracts = [...publishes, ...[...groups.values()].flat().map(({ contract }) => contract)];
  return { relay, runners, retrier, watch, contracts, logger };
}

function runnersOf(
  processors: readonly EventProcessor[],
  groups: ReadonlyMap<string, readonly EventRoute[]>,
  { bus, metrics, options }: { bus: MessageBus; metrics: MessagingMetrics; options: MessagingOptions },
): ConsumerRunner[] {
  return processors.map((processor) => {
    const topics = [...new Set(groups.get(processor.group)?.map(({ contract }) => contract.topic))];
    return new ConsumerRunner({ bus, topics, processor, metrics, logger: options.logger ?? silentLogger });
  });
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
    const routes = methods.map(({ contract, method, batched }): EventRoute => {
      const handler: unknown = Reflect.get(instance, method);
      if (typeof handler !== 'function') throw new TypeError(`${reaction.name}.${String(method)} is no method`);
      const call = async (given: unknown): Promise<void> => void (await handler.call(instance, given));
      return batched ? onBatch(contract, call) : on(contract, call);
    });
    groups.set(group, [...(groups.get(group) ?? []), ...routes]);
  }
  return groups;
}
