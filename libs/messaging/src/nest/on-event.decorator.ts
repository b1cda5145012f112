import 'reflect-metadata';
import type { EventContract, EventOf } from '#contracts';

const GROUP = Symbol('consumer-group');
const HANDLERS = Symbol('on-event');

/** A method of a reaction that handles one kind of event. */
export interface HandlerMethod {
  readonly contract: EventContract;
  readonly method: string | symbol;
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
  ): void => {
    const methods = Reflect.getOwnMetadata(HANDLERS, target) as HandlerMethod[] | undefined;
    Reflect.defineMetadata(HANDLERS, [...(methods ?? []), { contract, method }], target);
  };

/** @throws TypeError when the class has no `@ConsumerGroup`. */
export function consumerGroupOf(reaction: Reaction): string {
  const group = Reflect.getOwnMetadata(GROUP, reaction) as string | undefined;
  if (group === undefined) throw new TypeError(`${reaction.name} has no @ConsumerGroup`);
  return group;
}

export const handlerMethodsOf = (reaction: Reaction): readonly HandlerMethod[] =>
  (Reflect.getMetadata(HANDLERS, reaction.prototype as object) as HandlerMethod[] | undefined) ?? [];
