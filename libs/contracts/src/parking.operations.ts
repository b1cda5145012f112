import { z } from 'zod';
import type { ServiceName } from './envelope.js';
import { defineCommand, defineQuery } from './operation.js';
import { PageInput, pageOf } from './page.js';
import { InvalidInput, resultOf } from './user-errors.js';

/** The services that consume or publish, and so can have parked events. */
export const PARKING_SERVICES = ['identity', 'catalog', 'order', 'social-feed', 'reputation'] as const;

/** Failures of one kind in one consumer group: the same error at the same place. */
export const ParkedGroupView = z.object({
  service: z.string(),
  consumerGroup: z.string(),
  /** Empty for lines whose first event is about to be tried and has not failed yet. */
  fingerprint: z.string(),
  errorName: z.string(),
  errorMessage: z.string(),
  eventTypes: z.array(z.string()),
  /** Keys that are held up. */
  lines: z.int(),
  /** Parked events: those that failed, and those that wait behind them. */
  events: z.int(),
  firstParkedAt: z.iso.datetime(),
  lastParkedAt: z.iso.datetime(),
  nextAt: z.iso.datetime().nullish(),
  sampleId: z.string(),
});

export const ParkedEventView = z.object({
  id: z.string(),
  service: z.string(),
  consumerGroup: z.string(),
  topic: z.string(),
  partition: z.int(),
  offset: z.int(),
  key: z.string(),
  type: z.string(),
  eventId: z.string(),
  parkedAt: z.iso.datetime(),
  failedAt: z.iso.datetime().nullish(),
  attempts: z.int(),
  nextAt: z.iso.datetime().nullish(),
  error: z.object({ name: z.string(), message: z.string(), fingerprint: z.string(), stack: z.string() }).nullish(),
  /** As it was delivered; base64 where it is no text. */
  value: z.string().nullish(),
  encoding: z.enum(['utf8', 'base64']),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
});

/** What of it is given must fit. At least one of id, consumerGroup and fingerprint is given. */
export const ParkedFilter = z
  .object({
    id: z.string().max(1000).nullish(),
    consumerGroup: z.string().max(200).nullish(),
    fingerprint: z.string().max(100).nullish(),
    type: z.string().max(200).nullish(),
    key: z.string().max(1000).nullish(),
  })
  .refine(({ id, consumerGroup, fingerprint }) => Boolean(id ?? consumerGroup ?? fingerprint), {
    error: 'names neither id nor consumerGroup nor fingerprint',
  });

/** Lines left as they are, as their first event is being tried at this moment; no older service says so. */
const trying = z.int().default(0);

const Redrive = { filter: ParkedFilter, dryRun: z.boolean().default(false) };

/** The operations on the parked events of one service. Every service answers them; the service kit sees to it. */
export const parkingOperationsOf = (service: ServiceName) =>
  ({
    groups: defineQuery({
      name: `${service}.parkedGroups`,
      access: 'platform',
      description: 'The parked events of the service by consumer group and kind of failure, most events first.',
      input: z.object({}),
      output: z.array(ParkedGroupView),
    }),
    events: defineQuery({
      name: `${service}.parkedEvents`,
      access: 'platform',
      description: 'Parked events that fit the filter, each line in its order.',
      input: PageInput.extend({ filter: ParkedFilter }),
      output: pageOf(ParkedEventView),
    }),
    replay: defineCommand({
      name: `${service}.replayParked`,
      access: 'platform',
      description:
        'Lets the lines of the events that fit be tried again, spread by the rate: the first of each line, and those behind it as soon as it works. Lines whose first event is being tried are left to that. dryRun only counts.',
      input: z.object({
        ...Redrive,
        perSecond: z.int().min(1, 'is less than 1').max(500, 'is more than 500').default(50),
      }),
      output: z.discriminatedUnion('__typename', [
        resultOf(
          'ParkedReplay',
          z.object({
            events: z.int(),
            lines: z.int(),
            trying,
            dryRun: z.boolean(),
            doneBy: z.iso.datetime().nullish(),
          }),
        ),
        InvalidInput,
      ]),
    }),
    discard: defineCommand({
      name: `${service}.discardParked`,
      access: 'platform',
      description:
        'Forgets the parked events that fit for good: the group never handles them, and goes on with those behind them. One that is being tried at this moment stays. dryRun only counts.',
      input: z.object(Redrive),
      output: z.discriminatedUnion('__typename', [
        resultOf('ParkedDiscard', z.object({ events: z.int(), lines: z.int(), trying, dryRun: z.boolean() })),
        InvalidInput,
      ]),
    }),
  }) as const;

export type ParkedGroupView = z.infer<typeof ParkedGroupView>;
export type ParkedEventView = z.infer<typeof ParkedEventView>;
export type ParkedFilter = z.infer<typeof ParkedFilter>;
