import type { Type } from '@nestjs/common';
import { z } from 'zod';
import {
  parkingOperationsOf,
  type InputOf,
  type OutputOf,
  type Page,
  type ParkedEventView,
  type ParkedFilter,
  type ParkedGroupView,
  type ServiceName,
} from '#contracts';
import type { ParkedEvent, ParkedFailures, ParkedSelection, ParkingDesk } from '#messaging';
import { decodeCursor, encodeCursor } from '#persistence';
import { Handles } from './handles.decorator.js';

type Contracts = ReturnType<typeof parkingOperationsOf>;
const LIST = 'parked';

/** Answers the operations on the parked events of a service: the same ones for each, under its own name. */
export function parkingControllerOf(service: ServiceName): Type<object> & (new (desk: ParkingDesk) => object) {
  const contracts = parkingOperationsOf(service);

  class ParkingController {
    constructor(private readonly desk: ParkingDesk) {}

    @Handles(contracts.groups)
    async groups(): Promise<ParkedGroupView[]> {
      return (await this.desk.failures()).map((failures) => toGroup(service, failures));
    }

    @Handles(contracts.events)
    async events({ filter, first, after }: InputOf<Contracts['events']>): Promise<Page<ParkedEventView>> {
      const place = after ? decodeCursor(LIST, after, z.string()) : undefined;
      const found = await this.desk.events(selectionOf(filter), first + 1, place);
      const items = found.slice(0, first).map((event) => ({
        cursor: encodeCursor(LIST, event._id),
        node: toView(service, event),
      }));
      return { items, hasNextPage: found.length > first };
    }

    @Handles(contracts.replay)
    async replay({ filter, ...options }: InputOf<Contracts['replay']>): Promise<OutputOf<Contracts['replay']>> {
      const { doneBy, ...counts } = await this.desk.replay(selectionOf(filter), options);
      const { dryRun } = options;
      return { __typename: 'ParkedReplay', ...counts, dryRun, doneBy: doneBy?.toISOString() ?? null };
    }

    @Handles(contracts.discard)
    async discard({ filter, dryRun }: InputOf<Contracts['discard']>): Promise<OutputOf<Contracts['discard']>> {
      return { __typename: 'ParkedDiscard', ...(await this.desk.discard(selectionOf(filter), { dryRun })), dryRun };
    }
  }
  return ParkingController;
}

const selectionOf = ({ id, consumerGroup, fingerprint, type, key }: ParkedFilter): ParkedSelection => ({
  id: id ?? undefined,
  group: consumerGroup ?? undefined,
  fingerprint: fingerprint ?? undefined,
  type: type ?? undefined,
  key: key ?? undefined,
});

const toGroup = (service: string, failures: ParkedFailures): ParkedGroupView => ({
  service,
  consumerGroup: failures.group,
  fingerprint: failures.fingerprint,
  errorName: failures.name,
  errorMessage: failures.message,
  eventTypes: [...failures.types],
  lines: failures.lines,
  events: failures.events,
  firstParkedAt: failures.firstParkedAt.toISOString(),
  lastParkedAt: failures.lastParkedAt.toISOString(),
  nextAt: failures.nextAt?.toISOString() ?? null,
  sampleId: failures.sampleId,
});

const toView = (service: string, event: ParkedEvent): ParkedEventView => ({
  id: event._id,
  service,
  consumerGroup: event.group,
  topic: event.topic,
  partition: event.partition,
  offset: event.offset,
  key: event.key,
  type: event.headers['ce_type'] ?? '',
  eventId: event.headers['ce_id'] ?? '',
  parkedAt: event.parkedAt.toISOString(),
  failedAt: event.failedAt?.toISOString() ?? null,
  attempts: Math.max(0, event.attempts),
  nextAt: event.nextAt?.toISOString() ?? null,
  error: event.error ? { ...event.error, stack: event.error.stack ?? '' } : null,
  value: event.value,
  encoding: event.encoding,
  headers: Object.entries(event.headers).map(([name, value]) => ({ name, value })),
});
