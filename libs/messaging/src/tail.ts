import { randomUUID } from 'node:crypto';
import type { EventContract, EventEnvelope } from '#contracts';
import type { IncomingMessage, MessageBus, Position } from './bus/message-bus.js';
import { partitionName } from './bus/partition-name.js';
import { decodeEvent, typeOf } from './cloud-event.js';
import { silentLogger, type Logger } from './logger.js';

export interface TailOptions {
  readonly bus: MessageBus;
  readonly contracts: readonly EventContract[];
  /** Gets each event from now on, validated, in order for each key. Must not block; what it throws is logged. */
  readonly handler: (event: EventEnvelope) => void;
  readonly logger?: Logger;
}

export interface Tail {
  close(): Promise<void>;
}

/**
 * Follows events from now on in a group of its own, for subscriptions: nothing is stored or committed, nothing is retried.
 * A lost connection leaves no gap. Resolves when every event published from then on will be seen; rejects when the broker
 * is away.
 */
export async function tail({ bus, contracts, handler, logger = silentLogger }: TailOptions): Promise<Tail> {
  const byType = new Map(contracts.map((contract) => [contract.type, contract]));
  const topics = [...new Set(contracts.map(({ topic }) => topic))];
  const group = `tail-${randomUUID()}`;
  const positions = new Map<string, Position>();
  for (const position of await bus.endPositions(topics)) positions.set(partitionName(position), position);

  const follow = (message: IncomingMessage): void => {
    const position = positions.get(partitionName(message));
    if (position !== undefined && message.offset < position.offset) return;
    positions.set(partitionName(message), { ...message, offset: message.offset + 1n });
    const contract = byType.get(typeOf(message) ?? '');
    if (contract === undefined) return;
    try {
      handler(decodeEvent(contract, message));
    } catch (error) {
      logger.warn({ topic: message.topic, type: contract.type, err: error }, 'event not followed');
    }
  };
  const subscription = bus.subscribe({
    group,
    topics,
    positions: () => [...positions.values()],
    listener: {
      onAssigned: () => undefined,
      onRevoked: () => undefined,
      onMessages: (_from, messages) => messages.forEach(follow),
    },
  });
  return {
    close: async () => {
      await subscription.close();
      await bus.deleteGroup(group).catch((error: unknown) => logger.debug({ group, err: error }, 'group not deleted'));
    },
  };
}
