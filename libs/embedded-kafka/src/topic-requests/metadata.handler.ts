import type { BrokerParts } from '../broker-parts.js';
import type { ResponseOf } from '../protocol/api.js';
import { metadataApi } from '../protocol/apis/metadata.js';
import { clusterOperations, notAsked, topicOperations } from '../protocol/authorized-operations.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { isTopicName } from '../topics/topic-name.js';
import type { Topic } from '../topics/topics.js';
import { accepted, attempt, type Verdict } from './refusal.js';

/** There is one leader for ever. */
const leaderEpoch = 0;

type TopicAnswer = ResponseOf<typeof metadataApi>['topics'][number];

type Parts = Pick<BrokerParts, 'topics' | 'node' | 'defaultPartitions' | 'autoCreateTopics' | 'report'>;

/** The cluster and its topics. What does not exist is created only where the broker and the client allow it. */
export function metadataRoute(parts: Parts): Route {
  const { topics, node } = parts;
  const known = ({ name, partitions }: Topic, authorizedOperations: number): TopicAnswer => ({
    errorCode: ErrorCode.none,
    name,
    isInternal: false,
    partitions: partitions.map(({ index }) => ({
      errorCode: ErrorCode.none,
      index,
      leaderId: node.id,
      leaderEpoch,
      replicas: [node.id],
      inSyncReplicas: [node.id],
      offlineReplicas: [],
    })),
    authorizedOperations,
  });
  const unknown = (name: string): TopicAnswer => ({
    errorCode: isTopicName(name) ? ErrorCode.unknownTopicOrPartition : ErrorCode.invalidTopic,
    name,
    isInternal: false,
    partitions: [],
    authorizedOperations: notAsked,
  });
  return route(metadataApi, async (request, { version }) => {
    const { topics: names } = request;
    if (request.allowAutoTopicCreation && parts.autoCreateTopics) await createMissing(parts, names ?? []);
    const operations = topicOperations(request.includeTopicAuthorizedOperations);
    const asked = names === null || (version === 0 && names.length === 0) ? topics.all() : names;
    return {
      throttleTimeMs: 0,
      brokers: [{ nodeId: node.id, host: node.host, port: node.port, rack: null }],
      clusterId: topics.clusterId,
      controllerId: node.id,
      topics: asked.map(({ name }) => {
        const topic = topics.get(name);
        return topic === undefined ? unknown(name) : known(topic, operations);
      }),
      authorizedOperations: clusterOperations(request.includeClusterAuthorizedOperations),
    };
  });
}

async function createMissing(
  { topics, defaultPartitions, report }: Parts,
  names: readonly { readonly name: string }[],
): Promise<void> {
  const missing = names.filter(({ name }) => {
    return isTopicName(name) && topics.get(name) === undefined && topics.colliding(name) === undefined;
  });
  const created = missing.map(({ name }) => attempt(report, () => createOne(topics, name, defaultPartitions)));
  await Promise.all(created);
}

/** Somebody else may have been quicker: all that matters is that it is there. */
async function createOne(topics: Parts['topics'], name: string, partitions: number): Promise<Verdict> {
  await topics.create(name, partitions, {});
  return accepted;
}
