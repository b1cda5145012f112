import type { EventContract, EventEnvelope } from '#contracts';

/** Gets one event; several at once only where its route takes batches. */
export type EventHandler = (events: readonly EventEnvelope[]) => Promise<void>;

/** Who handles one kind of event in a group. Several handlers run one after the other. */
export interface EventRoute {
  readonly contract: EventContract;
  readonly handlers: readonly EventHandler[];
  /** Whether the handlers take several events of a partition at once. */
  readonly batched: boolean;
}

/** Types typed: `on(OrderPlaced, async (event) => …)`. */
export const on = <Type extends string, Data>(
  contract: EventContract<Type, Data>,
  handler: (event: EventEnvelope<Type, Data>) => Promise<void>,
): EventRoute => {
  const one = (event: EventEnvelope | undefined): Promise<void> => handler(event as EventEnvelope<Type, Data>);
  const inTurn: EventHandler = async (events) => {
    for (const event of events) await one(event);
  };
  // There is one nearly always.
  const each: EventHandler = (events) => (events.length === 1 ? one(events[0]) : inTurn(events));
  return { contract, handlers: [each], batched: false };
};

/**
 * For projections with many events: the handler gets up to 100 of one partition in their order. What it throws is laid
 * to no event: the batch is halved until it works, or until one event is left that fails by itself; where that takes long,
 * its events are given one by one. One that is not at its end after 1.4 s is set aside with all its events.
 */
export const onBatch = <Type extends string, Data>(
  contract: EventContract<Type, Data>,
  handler: (events: readonly EventEnvelope<Type, Data>[]) => Promise<void>,
): EventRoute => ({ contract, handlers: [handler as EventHandler], batched: true });

/** Whether events of both kinds can be given to them together: a method that takes batches may be there for several. */
export const haveSameHandlers = (one: EventRoute, other: EventRoute): boolean =>
  one === other ||
  (one.batched &&
    other.batched &&
    one.handlers.length === other.handlers.length &&
    one.handlers.every((handler, index) => handler === other.handlers[index]));

/** One route for each type. Where one of its handlers takes single events, all get them one by one. */
export function mergeRoutes(routes: readonly EventRoute[]): Map<string, EventRoute> {
  const merged = new Map<string, EventRoute>();
  for (const { contract, handlers, batched } of routes) {
    const known = merged.get(contract.type);
    merged.set(contract.type, {
      contract,
      handlers: [...(known?.handlers ?? []), ...handlers],
      batched: batched && (known?.batched ?? true),
    });
  }
  return merged;
}
