import { z } from 'zod';
import type { LastWord, MoneySeen, Opened, Shown } from './shown.js';

/** A message as it lies on a topic, copies included. */
export interface Message {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly eventId: string;
  readonly type: string;
  /** The aggregate. */
  readonly subject: string;
  readonly version: number;
  readonly value: string;
  /** The run itself put it there, to be parked. */
  readonly poison: boolean;
}

export interface OrderSeen {
  readonly id: string;
  readonly state: string;
  /** How long after the end of the faults the API first showed a final state; null while it does not. */
  readonly finalAfterMs: number | null;
}

/** What the payment provider booked for an order. */
export interface Booking extends MoneySeen {
  readonly orderId: string;
  readonly captures: number;
  readonly refunds: number;
}

export interface VariantSeen {
  readonly variantId: string;
  /** How many pieces it was listed with. */
  readonly initial: number;
  /** What the API shows. */
  readonly available: number | null;
}

/** Something that a client was told is done, by its `clientMutationKey`. */
export interface Acknowledged {
  readonly kind: 'order' | 'post' | 'deletion' | 'comment' | 'review' | 'reply';
  readonly key: string;
  readonly id: string;
}

export interface ParkedSeen {
  readonly group: string;
  readonly eventId: string;
  readonly error: string;
}

/** A consumer group, as all its members were watched. */
export interface Consumer {
  readonly group: string;
  /** Of the events that it handles. */
  readonly types: readonly string[];
  /** Ids of the events that it has handled, each once, in the order of the first time. */
  readonly handled: readonly string[];
}

/** An aggregate as its service keeps it. */
export interface AggregateSeen {
  /** `service.collection` */
  readonly place: string;
  readonly id: string;
  /** How many events it has written. */
  readonly version: number;
}

/** What people were at when a fault struck, and when all was whole again. */
export interface FaultSeen {
  readonly name: string;
  /** Orders that were asked for and not answered at the moment of the fault. */
  readonly placing: number;
  /** What had been asked for and was not answered when it had passed. */
  readonly underWayAfter: number;
  /** What was asked for meanwhile. */
  readonly asked: number;
  readonly lastedMs: number;
}

/** All that a run left behind: API, topics, versions and outboxes of aggregates, the provider's books, who handled what. */
export interface Recording {
  /** In the order in which they came. */
  readonly faults: readonly FaultSeen[];
  /** Those of one partition in its order. */
  readonly messages: readonly Message[];
  readonly orders: readonly OrderSeen[];
  readonly books: readonly Booking[];
  readonly variants: readonly VariantSeen[];
  readonly acknowledged: readonly Acknowledged[];
  readonly lastWords: readonly LastWord[];
  readonly opened: readonly Opened[];
  readonly shown: Shown;
  /** Requests that were given up before there was an answer: each may have had its effect or not. */
  readonly unanswered: number;
  readonly parked: readonly ParkedSeen[];
  /** `service.collection.id` of each aggregate that still has unpublished events. */
  readonly outboxes: readonly string[];
  readonly aggregates: readonly AggregateSeen[];
  readonly consumers: readonly Consumer[];
  /** Groups that have to be among the consumers: those that are written of, whoever runs. */
  readonly declaredGroups: readonly string[];
  readonly finalWithinMs: number;
}

/** What is wrong, in words; empty when nothing is. */
export type Check = (recording: Recording) => string[];

const Stock = z.object({
  variantId: z.string(),
  onHand: z.number(),
  reserved: z.number(),
  available: z.number(),
  orderId: z.string().optional(),
  quantity: z.number().default(0),
});
const Order = z.object({ state: z.string(), total: z.object({ amountMinor: z.number() }) });

export const stockOf = ({ value }: Message) => Stock.parse(JSON.parse(value));
export const orderOf = ({ value }: Message) => Order.parse(JSON.parse(value));

/** The messages of each aggregate of a topic without copies and poison, as a reader that remembers ids sees them. */
export function histories({ messages }: Recording, topic: string): Map<string, Message[]> {
  const known = new Set<string>();
  const bySubject = new Map<string, Message[]>();
  for (const message of messages) {
    if (message.topic !== topic || message.poison || known.has(message.eventId)) continue;
    known.add(message.eventId);
    bySubject.set(message.subject, [...(bySubject.get(message.subject) ?? []), message]);
  }
  return bySubject;
}
