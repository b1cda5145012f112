import { typeIds, type EventContract, type EventEnvelope } from '#contracts';
import { encodeEvent, KafkaMessageBus } from '#messaging';
import { eventually } from './eventually.js';
import type { TestServers } from './test-servers.js';

/** Publishes events on the bus as the services that own them would. */
export interface EventPublisher {
  /** The envelope, so that a test can send it again. */
  publish<Type extends string, Data>(
    contract: EventContract<Type, Data>,
    data: Data,
    place: { readonly subject: string; readonly version?: number; readonly key?: string },
  ): Promise<EventEnvelope<Type, Data>>;
  /** The very same event again, as after a lost acknowledgement. */
  repeat<Type extends string, Data>(
    contract: EventContract<Type, Data>,
    event: EventEnvelope<Type, Data>,
  ): Promise<void>;
  /** Resolves when a group has dealt with everything that was published on these events' topics before. */
  untilRead(group: string, contracts: readonly EventContract[]): Promise<void>;
  close(): Promise<void>;
}

export function eventPublisher(servers: Pick<TestServers, 'kafkaBrokers' | 'namespace'>): EventPublisher {
  const { kafkaBrokers: brokers, namespace } = servers;
  const bus = new KafkaMessageBus({ brokers, namespace, clientId: 'event-publisher' });
  const known = new Map<string, Promise<void>>();
  const send = async (contract: EventContract, event: EventEnvelope): Promise<void> => {
    const { topic } = contract;
    const made = known.get(topic) ?? bus.ensureTopics([{ topic }]);
    known.set(topic, made);
    await made;
    await bus.publish([encodeEvent(contract, event)]);
  };
  return {
    publish: async (contract, data, { subject, version = 1, key = subject }) => {
      const time = new Date().toISOString();
      const { type } = contract;
      const event = {
        id: typeIds.next('event'),
        type,
        source: `/${contract.owner}`,
        subject,
        version,
        key,
        time,
        data,
      };
      await send(contract, event);
      return event;
    },
    repeat: send,
    untilRead: (group, contracts) =>
      eventually(
        async () => {
          const lags = await bus.lag(group, [...new Set(contracts.map(({ topic }) => topic))]);
          if (lags.some(({ lag }) => lag > 0n)) throw new Error(`${group} is behind`);
        },
        { timeoutMs: 30_000 },
      ),
    close: () => bus.close(),
  };
}
