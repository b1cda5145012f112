import type { BrokerParts } from '../broker-parts.js';
import { type ConfigValues, topicSettings } from '../log/topic-config.js';
import type { RequestOf, ResponseOf } from '../protocol/api.js';
import { describeConfigsApi } from '../protocol/apis/describe-configs.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { changeableSettings, type Configurable } from '../topics/resource-settings.js';
import { isTopicName } from '../topics/topic-name.js';
import { brokerSettings } from './broker-settings.js';
import { refused, type Verdict } from './refusal.js';
import { ResourceType } from './resource-type.js';
import { documentationOf } from './setting-documentation.js';
import { nameAtBroker } from './setting-synonyms.js';
import { ValueType, valueTypeOf } from './value-type.js';

type Parts = Pick<BrokerParts, 'topics' | 'settings' | 'node' | 'defaultPartitions' | 'autoCreateTopics' | 'storage'>;
type Resource = RequestOf<typeof describeConfigsApi>['resources'][number];
type Answer = ResponseOf<typeof describeConfigsApi>['results'][number];
type Entry = Answer['configs'][number];

/** What does not depend on whether a setting is set. */
type About = Pick<Entry, 'readOnly' | 'valueType' | 'documentation'>;

/** An empty message instead of none, as Kafka gives it here. */
const found: Verdict = { errorCode: ErrorCode.none, errorMessage: '' };

const Source = { topic: 1, broker: 2, allBrokers: 3, staticBroker: 4, default: 5, logger: 6, group: 8 } as const;

/** Told on stderr are failures only. */
const rootLogger: Entry = entry('root', 'ERROR', Source.logger, {
  readOnly: true,
  valueType: ValueType.string,
  documentation: 'What the broker tells of itself.',
});

/** What a subscription has that nobody has made; clients are asked for no metrics. */
const clientMetrics: readonly Entry[] = [
  ['interval.ms', '300000', ValueType.int] as const,
  ['match', '', ValueType.list] as const,
  ['metrics', '', ValueType.list] as const,
].map(([name, value, valueType]) => ({
  ...entry(name, value, Source.default, { readOnly: true, valueType, documentation: documentationOf(name) }),
  synonyms: [],
}));

export function describeConfigsRoute(parts: Parts): Route {
  return route(describeConfigsApi, ({ resources, includeSynonyms, includeDocumentation }) => ({
    throttleTimeMs: 0,
    results: resources.map((resource): Answer => {
      const { type, name, keys } = resource;
      const { configs, ...verdict } = describe(parts, resource);
      const wanted = keys === null ? configs : configs.filter((entry) => keys.includes(entry.name));
      const shown = wanted.map((one): Entry => {
        const synonyms = includeSynonyms ? one.synonyms : [];
        return { ...one, synonyms, documentation: includeDocumentation ? one.documentation : null };
      });
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
  if (type === ResourceType.broker && name === '')
    return { ...found, configs: entriesOf('broker', parts.settings.of('broker', ''), Source.allBrokers) };
  if (type === ResourceType.broker && name === String(parts.node.id)) {
    return { ...found, configs: [...fixedEntries(parts), ...changeableEntries('broker', brokersOwn(parts, name))] };
  }
  if (type === ResourceType.brokerLogger && name === String(parts.node.id)) return { ...found, configs: [rootLogger] };
  if (type === ResourceType.clientMetrics && name !== '') return { ...found, configs: clientMetrics };
  if (type === ResourceType.group && name !== '') {
    const own = entriesOf('group', parts.settings.of('group', name), Source.group);
    return { ...found, configs: changeableEntries('group', own) };
  }
  return { ...refused(ErrorCode.invalidRequest, `Nothing is configured for resource ${type} '${name}'.`), configs: [] };
}

/** All settings of a topic that has these of its own. */
export function topicEntries(values: ConfigValues): Entry[] {
  return Object.entries(topicSettings).map(([name, setting]) => {
    const { fallback } = setting;
    const value = values[name];
    const about = { readOnly: false, valueType: valueTypeOf(name, setting), documentation: documentationOf(name) };
    const brokers = nameAtBroker(name);
    const inherited = brokers === null ? [] : [{ name: brokers, value: fallback, source: Source.default }];
    if (value === undefined) return { ...entry(name, fallback, Source.default, about), synonyms: inherited };
    const own = entry(name, value, Source.topic, about);
    return { ...own, synonyms: [...own.synonyms, ...inherited] };
  });
}

function fixedEntries(parts: Parts): Entry[] {
  return Object.entries(brokerSettings(parts)).map(([name, { value, type: valueType, documentation, isDefault }]) => {
    const source = isDefault ? Source.default : Source.staticBroker;
    return entry(name, value, source, { readOnly: true, valueType, documentation });
  });
}

/** A value of the broker's own counts before one of all brokers. */
function brokersOwn({ settings }: Parts, name: string): Entry[] {
  const all = entriesOf('broker', settings.of('broker', ''), Source.allBrokers);
  return [...entriesOf('broker', settings.of('broker', name), Source.broker), ...all];
}

/** Each setting as the first of the entries has it, or its default; the others are what it would be without. */
function changeableEntries(kind: Configurable, set: readonly Entry[]): Entry[] {
  return Object.entries(changeableSettings[kind]).flatMap(([name, { fallback }]) => {
    const unset = fallback === null ? [] : [entry(name, fallback, Source.default, aboutChangeable(kind, name))];
    const all = [...set.filter((one) => one.name === name), ...unset];
    return all.slice(0, 1).map((first) => ({ ...first, synonyms: all.flatMap(({ synonyms }) => synonyms) }));
  });
}

function entriesOf(kind: Configurable, values: ConfigValues, source: number): Entry[] {
  return Object.entries(values).map(([name, value]) => entry(name, value, source, aboutChangeable(kind, name)));
}

function aboutChangeable(kind: Configurable, name: string): About {
  const setting = changeableSettings[kind][name];
  const valueType = setting === undefined ? ValueType.string : valueTypeOf(name, setting);
  return { readOnly: false, valueType, documentation: documentationOf(name) };
}

function entry(name: string, value: string | null, source: number, about: About): Entry {
  const synonyms = value === null ? [] : [{ name, value, source }];
  return { name, value, source, isDefault: source === Source.default, isSensitive: false, synonyms, ...about };
}
