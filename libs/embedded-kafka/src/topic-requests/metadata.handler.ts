import type { BrokerParts } from '../broker-parts.js';
import type { ResponseOf } from '../protocol/api.js';
import { metadataApi, notAsked } from '../protocol/apis/metadata.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { isTopicName } from '../topics/topic-name.js';
import type { Topic } from '../topics/topics.js';

/** There is one leader for ever. */
const leaderEpoch = 0;

type TopicAnswer = ResponseOf<typeof metadataApi>['topics'][number];

/** The cluster and its topics. Topics that are asked for and do not exist are not created, whatever the client allows. */
export function metadataRoute({ topics, node }: Pick<BrokerParts, 'topics' | 'node'>): Route {
  const known = ({ name, partitions }: Topic): TopicAnswer => ({
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
    authorizedOperations: notAsked,
  });
  const unknown = (name: string): TopicAnswer => ({
    errorCode: isTopicName(name) ? ErrorCode.unknownTopicOrPartition : ErrorCode.invalidTopic,
    name,
    isInternal: false,
    partitions: [],
    authorizedOperations: notAsked,
  });
  const asked = (names: readonly { readonly name: string }[]): TopicAnswer[] =>
    names.map(({ name }) => {
      const topic = topics.get(name);
      return topic === undefined ? unknown(name) : known(topic);
    });
  return route(metadataApi, ({ topics: names }, { version }) => ({
    throttleTimeMs: 0,
    brokers: [{ nodeId: node.id, host: node.host, port: node.port, rack: null }],
    clusterId: topics.clusterId,
    controllerId: node.id,
    topics: names === null || (version === 0 && names.length === 0) ? topics.all().map(known) : asked(names),
    authorizedOperations: notAsked,
  }));
}
