import { expect, test } from '@jest/globals';
import { eventually } from '#testing';
import { alterConfigsApi } from '../src/protocol/apis/alter-configs.js';
import { describeClientQuotasApi, describeUserScramCredentialsApi } from '../src/protocol/apis/describe-users.js';
import { describeConfigsApi } from '../src/protocol/apis/describe-configs.js';
import { incrementalAlterConfigsApi } from '../src/protocol/apis/incremental-alter-configs.js';
import { listConfigResourcesApi } from '../src/protocol/apis/list-config-resources.js';
import { metadataApi } from '../src/protocol/apis/metadata.js';
import { ErrorCode } from '../src/protocol/error-code.js';
import { ResourceType } from '../src/topic-requests/resource-type.js';
import type { BrokerUnderTest } from './broker-under-test.js';
import { askForMetadata } from './requests.js';
import type { WireClient } from './wire-client.js';

const type = ResourceType.broker;
const Operation = { set: 0, delete: 1 };
const throttle = 'leader.replication.throttled.rate';

async function idOfBroker(client: WireClient, unknownTopic: string): Promise<string> {
  const { brokers } = await client.call(metadataApi, 9, askForMetadata(unknownTopic));
  return String(brokers[0]?.nodeId);
}

/** `[value, source, synonyms]` of a setting of the broker; '' stands for all brokers. */
async function shown(client: WireClient, name: string, setting: string) {
  const resources = [{ type, name, keys: [setting] }];
  const request = { resources, includeSynonyms: true, includeDocumentation: false };
  const { errorCode, configs = [] } = (await client.call(describeConfigsApi, 4, request)).results[0] ?? {};
  expect(errorCode).toBe(ErrorCode.none);
  return configs.map(({ value, source, synonyms }) => {
    return [value, source, synonyms.map((one) => `${one.value} from ${one.source}`)];
  });
}

/** The error, and all settings, by name. */
async function settingsOf(client: WireClient, ofType: number, name: string) {
  const request = {
    resources: [{ type: ofType, name, keys: null }],
    includeSynonyms: true,
    includeDocumentation: false,
  };
  const { errorCode, configs = [] } = (await client.call(describeConfigsApi, 4, request)).results[0] ?? {};
  return { errorCode, settings: new Map(configs.map((entry) => [entry.name, entry])) };
}

/** What clients find out of a broker and its users, and what they may change while it runs. */
export function brokerSettingFeatures(broker: () => BrokerUnderTest): void {
  test('the broker shows what it does where nobody says otherwise, as default and without a value where Kafka has none', async () => {
    const client = await broker().wire();
    const own = await idOfBroker(client, broker().name());
    const { settings } = await settingsOf(client, type, own);
    const of = (name: string) => [settings.get(name)?.value, settings.get(name)?.source, settings.get(name)?.synonyms];
    const usual = (name: string, value: string) => [value, 5, [{ name, value, source: 5 }]];
    for (const name of ['log.retention.ms', 'log.retention.minutes', 'broker.rack'])
      expect(of(name)).toEqual([null, 5, []]);
    expect(of('log.retention.hours')).toEqual(usual('log.retention.hours', '168'));
    expect(of('connections.max.idle.ms')).toEqual(usual('connections.max.idle.ms', '600000'));
    expect(of('offset.metadata.max.bytes')).toEqual(usual('offset.metadata.max.bytes', '4096'));
    expect(of('socket.request.max.bytes')).toEqual(usual('socket.request.max.bytes', '104857600'));
    expect(settings.get('broker.id')).toMatchObject({ value: own, source: 4 });
    expect(settings.get('log.dirs')).toMatchObject({ value: expect.stringContaining('/'), source: 4 });
  });

  test('what a topic has from the broker is found there under the name that the topic shows', async () => {
    const client = await broker().wire();
    const brokers = await settingsOf(client, type, await idOfBroker(client, broker().name()));
    const topics = await settingsOf(client, ResourceType.topic, await broker().newTopic());
    // Our broker flushes each record, which is no setting of a topic.
    const inherited = [...topics.settings.values()].filter(({ name }) => name !== 'flush.messages');
    const named = inherited.flatMap(({ synonyms }) => synonyms.map(({ name, value }) => [name, value]));
    expect(named.length).toBeGreaterThan(20);
    expect(named.map(([name]) => [name, brokers.settings.get(name ?? '')?.value])).toEqual(named);
  });

  test('loggers, subscriptions to metrics and groups have settings, other brokers have not', async () => {
    const client = await broker().wire();
    const own = await idOfBroker(client, broker().name());
    const loggers = await settingsOf(client, ResourceType.brokerLogger, own);
    expect(loggers.settings.get('root')).toMatchObject({ value: 'ERROR', source: 6 });
    for (const [kind, name] of [
      [ResourceType.brokerLogger, '4711'],
      [type, '4711'],
    ] as const)
      expect(await settingsOf(client, kind, name)).toMatchObject({ errorCode: ErrorCode.invalidRequest });
    const metrics = await settingsOf(client, ResourceType.clientMetrics, broker().name('metrics'));
    const values = [...metrics.settings].map(([name, { value, source, synonyms }]) => [name, value, source, synonyms]);
    expect(values.toSorted()).toEqual([
      ['interval.ms', '300000', 5, []],
      ['match', '', 5, []],
      ['metrics', '', 5, []],
    ]);
    const group = await settingsOf(client, ResourceType.group, broker().name('group'));
    expect(Object.fromEntries([...group.settings].map(([name, { value }]) => [name, value]))).toMatchObject({
      'share.auto.offset.reset': 'latest',
      'share.record.lock.duration.ms': '30000',
      'streams.num.standby.replicas': '0',
    });
  });

  test('settings of the broker are set and taken back: its own before those of all brokers', async () => {
    const client = await broker().wire();
    const own = await idOfBroker(client, broker().name());
    const alter = async (name: string, operation: number, value: string | null, validateOnly = false) => {
      const resources = [{ type, name, configs: [{ name: throttle, operation, value }] }];
      return (await client.call(incrementalAlterConfigsApi, 1, { resources, validateOnly })).results[0]?.errorCode;
    };
    const eventuallyShown = (name: string, entries: unknown[]) =>
      eventually(async () => expect(await shown(client, name, throttle)).toEqual(entries));
    await eventuallyShown(own, []);
    await eventuallyShown('', []);
    expect(await alter('', Operation.set, '2000')).toBe(ErrorCode.none);
    await eventuallyShown('', [['2000', 3, ['2000 from 3']]]);
    await eventuallyShown(own, [['2000', 3, ['2000 from 3']]]);
    expect(await alter(own, Operation.set, '1000')).toBe(ErrorCode.none);
    await eventuallyShown(own, [['1000', 2, ['1000 from 2', '2000 from 3']]]);
    expect(await alter(own, Operation.set, '3000', true)).toBe(ErrorCode.none);
    expect(await alter('', Operation.delete, null)).toBe(ErrorCode.none);
    await eventuallyShown(own, [['1000', 2, ['1000 from 2']]]);
    const none = { resources: [{ type, name: own, configs: [] }], validateOnly: false };
    expect((await client.call(alterConfigsApi, 2, none)).results[0]?.errorCode).toBe(ErrorCode.none);
    await eventuallyShown(own, []);
  });

  test('settings of a group are kept, also of one that is not there', async () => {
    const client = await broker().wire();
    const name = broker().name('group');
    const setting = 'consumer.session.timeout.ms';
    const alter = async (operation: number, value: string | null) => {
      const resources = [{ type: ResourceType.group, name, configs: [{ name: setting, operation, value }] }];
      return (await client.call(incrementalAlterConfigsApi, 1, { resources, validateOnly: false })).results[0]
        ?.errorCode;
    };
    const settings = async () => {
      const resources = [{ type: ResourceType.group, name, keys: [setting] }];
      const request = { resources, includeSynonyms: false, includeDocumentation: false };
      const { configs = [] } = (await client.call(describeConfigsApi, 4, request)).results[0] ?? {};
      return configs.map(({ value, source }) => [value, source]);
    };
    expect(await settings()).toEqual([['45000', 5]]);
    expect(await alter(Operation.set, '50000')).toBe(ErrorCode.none);
    await eventually(async () => expect(await settings()).toEqual([['50000', 8]]));
    const listed = await client.call(listConfigResourcesApi, 1, { types: [ResourceType.group] });
    expect(listed.resources).toContainEqual({ name, type: ResourceType.group });
    expect(await alter(Operation.set, '1')).toBe(ErrorCode.invalidConfig);
    expect(await alter(Operation.delete, null)).toBe(ErrorCode.none);
    await eventually(async () => expect(await settings()).toEqual([['45000', 5]]));
  });

  test('what a running broker cannot change is refused, and so are values that do not fit', async () => {
    const client = await broker().wire();
    const own = await idOfBroker(client, broker().name());
    const alter = async (name: string, setting: string, operation: number, value: string) => {
      const resources = [{ type, name, configs: [{ name: setting, operation, value }] }];
      const { results } = await client.call(incrementalAlterConfigsApi, 1, { resources, validateOnly: false });
      return results[0]?.errorCode;
    };
    expect(await alter(own, 'broker.rack', Operation.set, 'r1')).toBe(ErrorCode.invalidRequest);
    expect(await alter(own, throttle, Operation.set, 'fast')).toBe(ErrorCode.invalidRequest);
    expect(await alter(own, throttle, Operation.set, '-1')).toBe(ErrorCode.invalidRequest);
    expect(await alter('4711', throttle, Operation.set, '1')).toBe(ErrorCode.invalidRequest);
  });

  test('users have neither quotas nor passwords where nobody has set any', async () => {
    const client = await broker().wire();
    const exactly = { entityType: 'user', matchType: 0, match: broker().name('user') };
    const quotas = await client.call(describeClientQuotasApi, 1, { components: [exactly], strict: false });
    expect(quotas).toMatchObject({ errorCode: ErrorCode.none, entries: [] });
    const user = broker().name('user');
    const { errorCode, results } = await client.call(describeUserScramCredentialsApi, 0, { users: [{ name: user }] });
    expect(errorCode).toBe(ErrorCode.none);
    expect(results).toMatchObject([{ user, errorCode: ErrorCode.resourceNotFound }]);
  });
}
