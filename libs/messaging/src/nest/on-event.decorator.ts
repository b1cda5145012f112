import 'reflect-metadata';
import type { EventContract, EventOf } from '#contracts';

const GROUP = Symbol('consumer-group');
const HANDLERS = Symbol('on-event');

/** A method of a reaction that handles one kind of event. */
export interface HandlerMethod {
  readonly contract: EventContract;
  readonly method: string | symbol;
  /** Whether the method gets several events at once. */
  readonly batched: boolean;
}
type Reaction = abstract new (...dependencies: never[]) => object;

/** The consumer group that a reaction belongs to, for example `order.checkout`. Several reactions may share one. */
export const ConsumerGroup =
  (group: string): ClassDecorator =>
  (target) =>
    Reflect.defineMetadata(GROUP, group, target);

/** The method gets each event of the contract, validated, at least once, in order for each key. */
export const OnEvent =
  <Type extends string, Data>(contract: EventContract<Type, Data>) =>
  (
    target: object,
    method: string | symbol,
    _descriptor: TypedPropertyDescriptor<(event: EventOf<EventContract<Type, Data>>) => Promise<void>>,
  ): void =>
    record(target, { contract, method, batched: false });

/**
 * The method gets up to 100 events at once: those that wait in one partition, in order. For projections with many events,
 * which write them in bulk; it may stand there for several contracts, and then gets their events mixed. When it throws,
 * the events are given again in smaller batches.
 */
export const OnEventBatch =
  <Type extends string, Data>(contract: EventContract<Type, Data>) =>
  (
    target: object,
    method: string | symbol,
    _descriptor: TypedPropertyDescriptor<(events: readonly EventOf<EventContract<Type, Data>>[]) => Promise<void>>,
  ): void =>
    record(target, { contract, method, batched: true });

function record(target: object, handler: HandlerMethod): void {
  const methods = Reflect.getOwnMetadata(HANDLERS, target) as HandlerMethod[] | undefined;
  Reflect.defineMetadata(HANDLERS, [...(methods ?? []), handler], target);
}

/** @throws TypeError when the class has no `@ConsumerGroup`. */
export function consumerGroupOf(reaction: Reaction): string {
  const group = Reflect.getOwnMetadata(GROUP, reaction) as string | undefined;
  if (group === undefined) throw new TypeError(`${reaction.name} has no @ConsumerGroup`);
  return group;
}

export const handlerMethodsOf = (reaction: Reaction): readonly HandlerMethod[] =>
  (Reflect.getMetadata(HANDLERS, reaction.prototype as object) as HandlerMethod[] | undefined) ?? [];
