import { randomUUID } from 'node:crypto';
import { allEvents, type EventContract, type EventEnvelope, type EventOf } from '#contracts';
import { decodeEvent, KafkaMessageBus, typeOf, type IncomingMessage } from '#messaging';
import type { TestServers } from './test-servers.js';

/** Everything that was published in a namespace, read by an ordinary consumer from the beginning. */
export interface CapturedEvents {
  /** In the order of arrival; only the order of one key means something. Doubles are kept. */
  readonly all: readonly EventEnvelope[];
  of<Contract extends EventContract>(contract: Contract): EventOf<Contract>[];
  close(): Promise<void>;
}

/** Topics of the contracts are created where they are missing. */
export async function captureEvents(
  servers: Pick<TestServers, 'kafkaBrokers' | 'namespace'>,
  contracts: readonly EventContract[] = allEvents,
): Promise<CapturedEvents> {
  const bus = new KafkaMessageBus({
    brokers: servers.kafkaBrokers,
    namespace: servers.namespace,
    clientId: 'capture-events',
  });
  const byType = new Map(contracts.map((contract) => [contract.type, contract]));
  const topics = [...new Set(contracts.map(({ topic }) => topic))];
  const all: EventEnvelope[] = [];
  const seen = new Set<string>();
  const capture = (message: IncomingMessage): void => {
    const place = `${message.topic}|${message.partition}|${message.offset}`;
    const contract = byType.get(typeOf(message) ?? '');
    if (contract === undefined || seen.has(place)) return;
    seen.add(place);
    all.push(decodeEvent(contract, message));
  };
  await bus.ensureTopics(topics.map((topic) => ({ topic })));
  bus.subscribe({
    group: `capture-${randomUUID()}`,
    topics,
    listener: {
      onAssigned: () => undefined,
      onRevoked: () => undefined,
      onMessages: (_from, messages) => messages.forEach(capture),
    },
  });
  return {
    all,
    of: <Contract extends EventContract>(contract: Contract) =>
      all.filter((event): event is EventOf<Contract> => event.type === contract.type),
    close: () => bus.close(),
  };
}
