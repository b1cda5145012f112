import type { EventContract, EventEnvelope } from '#contracts';

export type EventHandler = (event: EventEnvelope) => Promise<void>;

/** Who handles one kind of event in a group. Several handlers run one after the other. */
export interface EventRoute {
  readonly contract: EventContract;
  readonly handlers: readonly EventHandler[];
}

/** Types typed: `on(OrderPlaced, async (event) => …)`. */
export const on = <Type extends string, Data>(
  contract: EventContract<Type, Data>,
  handler: (event: EventEnvelope<Type, Data>) => Promise<void>,
): EventRoute => ({ contract, handlers: [handler as EventHandler] });
