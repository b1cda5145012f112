import { z } from 'zod';
import type { EventContract } from './envelope.js';
import { schemaOf } from './release/released-event.js';
import { stateTopicOf } from './state-topic.js';

/** Names in a document are made of letters, digits, dots, dashes and underscores. */
type Named = Record<string, unknown>;

/** Headers of every event: CloudEvents 1.0, binary mode. */
const Headers = z.object({
  ce_specversion: z.literal('1.0'),
  ce_id: z.string().describe('Unique: a repeated delivery has the same.'),
  ce_type: z.string(),
  ce_source: z.string().describe('The service that owns the event, after a slash.'),
  ce_subject: z.string().describe('Id of the aggregate.'),
  ce_time: z.iso.datetime().describe('When the change was made.'),
  ce_partitionkey: z.string().describe('As the key of the record.'),
  ce_sequence: z.string().describe('ce_aggregateversion with leading zeros, so that it compares as text.'),
  ce_aggregateversion: z.string().describe("1 for the aggregate's first event, then one more for each."),
  'content-type': z.literal('application/json'),
  traceparent: z.string().optional().describe('W3C trace context of the request that caused it.'),
});

/**
 * An AsyncAPI 3 document of events: a channel for each topic and for its compacted state, a message and a send operation
 * for each event, and one more for each state.
 * @param brokers `host:port` of the brokers, and the prefix of their topics.
 */
export function asyncApiDocument(
  events: readonly EventContract[],
  { host, namespace }: { readonly host: string; readonly namespace: string },
): Named {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Grapevine events',
      version: '1.0.0',
      description:
        'Every act on Grapevine as an event: CloudEvents 1.0 in binary mode over Kafka, JSON values, delivered at least once and in order for each key. Readers ignore fields that they do not know; within a type only optional fields come and go.',
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers: { kafka: { host, protocol: 'kafka', description: 'The brokers that the services use.' } },
    channels: channelsOf(events, namespace),
    operations: Object.fromEntries([
      ...events.map((event) => [`send.${event.type}`, operationOf(event)] as const),
      ...topicsOf(events).map((topic) => [`send.${stateTopicOf(topic)}`, stateOperationOf(topic, events)] as const),
    ]),
    components: {
      messages: Object.fromEntries(events.map((event) => [event.type, messageOf(event)])),
      schemas: { headers: withoutDialect(z.toJSONSchema(Headers, { io: 'input' })) },
    },
  };
}

const topicsOf = (events: readonly EventContract[]): string[] => [...new Set(events.map(({ topic }) => topic))];

function channelsOf(events: readonly EventContract[], namespace: string): Named {
  const channels = topicsOf(events).flatMap((topic) => {
    const inside = events.filter((event) => event.topic === topic);
    const [first] = inside;
    const messages = inside.map(({ type }) => [type, { $ref: `#/components/messages/${type}` }] as const);
    const channelOf = (name: string, description: string, kafka: Named) => ({
      address: `${namespace}${name}`,
      description,
      servers: [{ $ref: '#/servers/kafka' }],
      messages: Object.fromEntries(messages),
      bindings: { kafka: { topic: `${namespace}${name}`, ...kafka, bindingVersion: '0.5.0' } },
      'x-owner': first?.owner,
    });
    const told = `Events of ${first?.owner ?? ''}, in order for each ${first?.key ?? ''}.`;
    const state = stateTopicOf(topic);
    const compacted = { topicConfiguration: { 'cleanup.policy': ['compact'] } };
    return [
      [topic, channelOf(topic, told, {})] as const,
      [state, { ...channelOf(state, stateOf(topic, inside), compacted), 'x-state-of': topic }] as const,
    ];
  });
  return Object.fromEntries(channels);
}

function stateOf(topic: string, events: readonly EventContract[]): string {
  const finer = events.flatMap(({ type, stateBy }) => (stateBy ? [`${type} for each ${stateBy.join(' and ')}`] : []));
  const kept = ['the last event of each type of each aggregate', ...finer].join(', ');
  return `The compacted state of ${topic}: ${kept}. Headers and values are those of the events, each in the partition of the same number; the key is made of subject and type.`;
}

const stateOperationOf = (topic: string, events: readonly EventContract[]): Named => {
  const inside = events.filter((event) => event.topic === topic);
  const state = stateTopicOf(topic);
  return {
    action: 'send',
    title: state,
    summary: `Keeps up the state of ${topic}, for readers that begin without having seen its events.`,
    channel: { $ref: `#/channels/${state}` },
    messages: inside.map(({ type }) => ({ $ref: `#/channels/${state}/messages/${type}` })),
    'x-owner': inside[0]?.owner,
  };
};

const operationOf = ({ type, topic, description, owner }: EventContract): Named => ({
  action: 'send',
  title: type,
  summary: description,
  channel: { $ref: `#/channels/${topic}` },
  messages: [{ $ref: `#/channels/${topic}/messages/${type}` }],
  'x-owner': owner,
});

const messageOf = (event: EventContract): Named => ({
  name: event.type,
  title: event.type,
  summary: event.description,
  contentType: 'application/json',
  headers: { $ref: '#/components/schemas/headers' },
  payload: withoutDialect(schemaOf(event)),
  examples: [{ name: 'example', payload: event.example }],
  bindings: { kafka: { key: { type: 'string', description: `The ${event.key}.` }, bindingVersion: '0.5.0' } },
  'x-owner': event.owner,
  'x-key': event.key,
});

/** AsyncAPI's own schemas are draft 7, of which these use only what both have. */
function withoutDialect(schema: object): Named {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => keyword !== '$schema'));
}
