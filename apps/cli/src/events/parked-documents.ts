import { z } from 'zod';
import { mutation, query, selectionOf } from '../api-operation.js';

const Group = z.object({
  consumerGroup: z.string(),
  fingerprint: z.string(),
  errorName: z.string(),
  errorMessage: z.string(),
  eventTypes: z.array(z.string()),
  lines: z.int(),
  events: z.int(),
  firstParkedAt: z.string(),
  nextAt: z.string().nullable(),
  sampleId: z.string(),
});
const Event = z.object({
  id: z.string(),
  key: z.string(),
  type: z.string(),
  eventId: z.string(),
  parkedAt: z.string(),
  attempts: z.int(),
  nextAt: z.string().nullable(),
  error: z.object({ name: z.string(), message: z.string(), stack: z.string() }).nullable(),
  value: z.string().nullable(),
  headers: z.array(z.object({ name: z.string(), value: z.string() })),
});
const Events = z.object({
  nodes: z.array(Event),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
});

export type ParkedPage = z.infer<typeof Events>;

export const ParkedGroups = query(
  `query ParkedGroups($services: [String!]) { parking(services: $services) { service groups ${selectionOf(Group)} } }`,
  z.object({ parking: z.array(z.object({ service: z.string(), groups: z.array(Group).nullable() })) }),
);
export const ParkedEvents = query(
  `query ParkedEvents($services: [String!], $filter: ParkedFilter!, $first: Int, $after: String) {
    parking(services: $services) { events(filter: $filter, first: $first, after: $after) ${selectionOf(Events)} } }`,
  z.object({ parking: z.array(z.object({ events: Events.nullable() })) }),
);

const Counts = z.object({ events: z.int(), lines: z.int(), trying: z.int() });
export const ReplayParked = mutation('replayParked', 'ParkedReplay', Counts.extend({ doneBy: z.string().nullable() }));
export const DiscardParked = mutation('discardParked', 'ParkedDiscard', Counts);
