import type { BrokerParts } from '../broker-parts.js';
import { topicSettings } from '../log/topic-config.js';
import type { RequestOf, ResponseOf } from '../protocol/api.js';
import { describeConfigsApi } from '../protocol/apis/describe-configs.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { isTopicName } from '../topics/topic-name.js';
import { brokerSettings } from './broker-settings.js';
import { refused, type Verdict } from './refusal.js';
import { ResourceType } from './resource-type.js';
import { nameAtBroker } from './setting-synonyms.js';
import { valueTypeOf } from './value-type.js';

type Parts = Pick<BrokerParts, 'topics' | 'node' | 'defaultPartitions' | 'autoCreateTopics'>;
type Resource = RequestOf<typeof describeConfigsApi>['resources'][number];
type Answer = ResponseOf<typeof describeConfigsApi>['results'][number];
type Entry = Answer['configs'][number];

/** An empty message instead of none, as Kafka gives it here. */
const found: Verdict = { errorCode: ErrorCode.none, errorMessage: '' };

const Source = { topic: 1, staticBroker: 4, default: 5 } as const;

export function describeConfigsRoute(parts: Parts): Route {
  return route(describeConfigsApi, ({ resources, includeSynonyms }) => ({
    throttleTimeMs: 0,
    results: resources.map((resource): Answer => {
      const { type, name, keys } = resource;
      const { configs, ...verdict } = describe(parts, resource);
      const wanted = keys === null ? configs : configs.filter((entry) => keys.includes(entry.name));
      const shown = includeSynonyms ? wanted : wanted.map((entry) => ({ ...entry, synonyms: [] }));
      return { type, name, ...verdict, configs: shown };
    }),
  }));
}

function describe(parts: Parts, { type, name }: Resource): Verdict & { readonly configs: readonly Entry[] } {
  if (type === ResourceType.topic) {
    const topic = parts.topics.get(name);
    if (topic !== undefined) return { ...found, configs: topicEntries(topic.values) };
    if (!isTopicName(name))
      return { ...refused(ErrorCode.invalidTopic, `Topic name is invalid: '${name}'`), configs: [] };
    return { ...refused(ErrorCode.unknownTopicOrPartition, `Topic ${name} does not exist.`), configs: [] };
  }
  if (type === ResourceType.broker && (name === '' || name === String(parts.node.id))) {
    const configs = Object.entries(brokerSettings(parts)).map(([key, { value, type: valueType }]) => {
      return { ...entry(key, value, Source.staticBroker), readOnly: true, valueType };
    });
    return { ...found, configs };
  }
  return { ...refused(ErrorCode.invalidRequest, `Nothing is configured for resource ${type} '${name}'.`), configs: [] };
}

function topicEntries(values: Readonly<Record<string, string>>): Entry[] {
  return Object.entries(topicSettings).map(([name, { fallback }]) => {
    const value = values[name];
    const brokers = nameAtBroker(name);
    const inherited = brokers === null ? [] : [{ name: brokers, value: fallback, source: Source.default }];
    const valueType = valueTypeOf(name);
    if (value === undefined) return { ...entry(name, fallback, Source.default), valueType, synonyms: inherited };
    const own = entry(name, value, Source.topic);
    return { ...own, valueType, synonyms: [...own.synonyms, ...inherited] };
  });
}

function entry(name: string, value: string, source: number): Omit<Entry, 'valueType'> {
  return {
    name,
    value,
    source,
    readOnly: false,
    isDefault: source === Source.default,
    isSensitive: false,
    synonyms: [{ name, value, source }],
    documentation: null,
  };
}
