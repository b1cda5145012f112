import { z } from 'zod';

/** Owners of events: the services. */
export type ServiceName = 'identity' | 'catalog' | 'order' | 'social-feed' | 'reputation' | 'gateway';

/** One kind of event: its name on the wire, its topic and schema, and what a reader must know of it. */
export interface EventContract<Type extends string = string, Data = unknown> {
  /** Past tense: `order.placed`. */
  readonly type: Type;
  /** `order.order.v1`: one topic for each type of aggregate, all its events inside. */
  readonly topic: string;
  readonly owner: ServiceName;
  /** What the key on the topic is; events of one key keep their order. */
  readonly key: string;
  /**
   * Fields of the data by which the state topic tells events of one aggregate apart, where it has to keep more than the
   * last one of this type. Never changed once it was released.
   */
  readonly stateBy?: readonly string[];
  readonly schema: z.ZodType<Data>;
  /** When it fires, in one sentence. */
  readonly description: string;
  readonly example: Data;
}

/** An event as it travels: CloudEvents 1.0 attributes beside the data. */
export interface EventEnvelope<Type extends string = string, Data = unknown> {
  /** Unique: `event_…`. A repeated delivery has the same id. */
  readonly id: string;
  readonly type: Type;
  /** `/order`: the service that published it. */
  readonly source: string;
  /** The aggregate's id. */
  readonly subject: string;
  /** 1 for the aggregate's first event, then one more for each: without gaps for each subject. */
  readonly version: number;
  /** Key on the topic. */
  readonly key: string;
  /** RFC 3339, UTC, milliseconds: when the change was made. */
  readonly time: string;
  /** W3C trace context of the request that caused it. */
  readonly traceparent?: string;
  readonly data: Data;
}

/** The envelope of a contract: `EventOf<typeof OrderPlaced>`. */
export type EventOf<Contract> =
  Contract extends EventContract<infer Type, infer Data> ? EventEnvelope<Type, Data> : never;

/** An event that is about to be written with its aggregate; the store gives it id, version and time. */
export interface NewEvent<Contract extends EventContract = EventContract> {
  readonly contract: Contract;
  readonly data: unknown;
  /** Where the topic's key is not the aggregate's id. */
  readonly key?: string;
}

export function defineEvent<const Type extends string, Schema extends z.ZodType>(contract: {
  type: Type;
  topic: string;
  owner: ServiceName;
  key: string;
  stateBy?: readonly string[];
  schema: Schema;
  description: string;
  example: z.infer<Schema>;
}): EventContract<Type, z.infer<Schema>> {
  return contract as EventContract<Type, z.infer<Schema>>;
}

/** `event(OrderPlaced, { … })`: typed by its contract. */
export const event = <Type extends string, Data>(
  contract: EventContract<Type, Data>,
  data: Data,
  key?: string,
): NewEvent<EventContract<Type, Data>> => (key === undefined ? { contract, data } : { contract, data, key });
