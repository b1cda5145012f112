import type { BrokerParts } from '../broker-parts.js';
import { type ConfigValues, problemOfSetting } from '../log/topic-config.js';
import type { RequestOf, ResponseOf } from '../protocol/api.js';
import { createTopicsApi } from '../protocol/apis/create-topics.js';
import { noUuid } from '../protocol/codec.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { isTopicName } from '../topics/topic-name.js';
import { topicEntries } from './describe-configs.handler.js';
import { accepted, attempt, refused, repeatedNames, type Verdict } from './refusal.js';

type Parts = Pick<BrokerParts, 'topics' | 'node' | 'defaultPartitions' | 'report'>;
type NewTopic = RequestOf<typeof createTopicsApi>['topics'][number];
type Answer = ResponseOf<typeof createTopicsApi>['topics'][number];

/** Far above what one process serves well; keeps a slip of the keyboard from filling the memory. */
export const maxPartitions = 10_000;
const brokersDefault = -1;

export function createTopicsRoute(parts: Parts): Route {
  return route(createTopicsApi, async (request) => {
    const repeated = repeatedNames(request.topics);
    const unique = request.topics.filter(({ name }, at, all) => all.findIndex((one) => one.name === name) === at);
    const answers = unique.map(async (topic) => {
      const verdict = repeated.has(topic.name)
        ? refused(ErrorCode.invalidRequest, `Topic ${topic.name} stands more than once in the request.`)
        : await attempt(parts.report, () => create(parts, topic, request.validateOnly));
      return { name: topic.name, topicId: noUuid, ...verdict, ...shapeOf(parts, topic, verdict) };
    });
    return { throttleTimeMs: 0, topics: await Promise.all(answers) };
  });
}

/** What a topic has become, or would; topics have no ids here. */
function shapeOf(
  { defaultPartitions }: Parts,
  topic: NewTopic,
  { errorCode }: Verdict,
): Pick<Answer, 'partitionCount' | 'replicationFactor' | 'configs'> {
  if (errorCode !== ErrorCode.none) return { partitionCount: -1, replicationFactor: -1, configs: [] };
  const partitionCount = partitionCountOf(topic, defaultPartitions);
  return { partitionCount, replicationFactor: 1, configs: topicEntries(valuesOf(topic)) };
}

async function create(parts: Parts, topic: NewTopic, validateOnly: boolean): Promise<Verdict> {
  const problem =
    problemOfName(parts, topic.name) ??
    problemOfPartitions(topic) ??
    problemOfReplicas(parts, topic) ??
    problemOfConfigs(topic);
  if (problem !== null) return problem;
  if (validateOnly) return accepted;
  const partitionCount = partitionCountOf(topic, parts.defaultPartitions);
  const created = await parts.topics.create(topic.name, partitionCount, valuesOf(topic));
  return created ? accepted : alreadyExists(topic.name);
}

function valuesOf({ configs }: NewTopic): ConfigValues {
  return Object.fromEntries(configs.map(({ name, value }) => [name, value ?? '']));
}

function partitionCountOf({ partitionCount, assignments }: NewTopic, fallback: number): number {
  if (assignments.length > 0) return assignments.length;
  return partitionCount === brokersDefault ? fallback : partitionCount;
}

const alreadyExists = (name: string): Verdict =>
  refused(ErrorCode.topicAlreadyExists, `Topic '${name}' already exists.`);

function problemOfName({ topics }: Parts, name: string): Verdict | null {
  if (!isTopicName(name)) return refused(ErrorCode.invalidTopic, `Topic name is invalid: '${name}'`);
  if (topics.get(name) !== undefined) return alreadyExists(name);
  const other = topics.colliding(name);
  return other === undefined
    ? null
    : refused(ErrorCode.invalidTopic, `Topic '${name}' collides with existing topic: ${other}`);
}

function problemOfPartitions({ partitionCount, assignments }: NewTopic): Verdict | null {
  if (assignments.length > maxPartitions || partitionCount > maxPartitions)
    return refused(ErrorCode.policyViolation, `This broker has at most ${maxPartitions} partitions in a topic.`);
  if (assignments.length > 0 || partitionCount === brokersDefault || partitionCount > 0) return null;
  return refused(ErrorCode.invalidPartitions, 'Number of partitions was set to an invalid non-positive value.');
}

function problemOfReplicas({ node }: Parts, topic: NewTopic): Verdict | null {
  const { partitionCount, replicationFactor, assignments } = topic;
  if (assignments.length === 0) {
    if (replicationFactor === brokersDefault || replicationFactor === 1) return null;
    const message = `Unable to replicate the partition ${replicationFactor} time(s): only 1 broker is registered.`;
    return refused(ErrorCode.invalidReplicationFactor, message);
  }
  if (partitionCount !== brokersDefault || replicationFactor !== brokersDefault) {
    const message = 'A manual partition assignment was specified, but numPartitions or replicationFactor was set too.';
    return refused(ErrorCode.invalidRequest, message);
  }
  const indices = new Set(assignments.map(({ partition }) => partition));
  const isHere = ({ brokerIds }: NewTopic['assignments'][number]) => brokerIds.length === 1 && brokerIds[0] === node.id;
  const isGapless = assignments.every((_, index) => indices.has(index));
  if (isGapless && assignments.every(isHere)) return null;
  const message = `Partitions must be assigned from 0 on without a gap, each to broker ${node.id} alone.`;
  return refused(ErrorCode.invalidReplicaAssignment, message);
}

function problemOfConfigs({ configs }: NewTopic): Verdict | null {
  for (const { name, value } of configs) {
    const problem = problemOfSetting(name, value);
    if (problem !== null) return refused(ErrorCode.invalidConfig, problem);
  }
  return null;
}
