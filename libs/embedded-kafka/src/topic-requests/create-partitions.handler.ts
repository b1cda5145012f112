import type { BrokerParts } from '../broker-parts.js';
import type { RequestOf } from '../protocol/api.js';
import { createPartitionsApi } from '../protocol/apis/create-partitions.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { maxPartitions } from './create-topics.handler.js';
import { accepted, attempt, refused, repeatedNames, type Verdict } from './refusal.js';

type Parts = Pick<BrokerParts, 'topics' | 'node' | 'report'>;
type Growth = RequestOf<typeof createPartitionsApi>['topics'][number];

export function createPartitionsRoute(parts: Parts): Route {
  return route(createPartitionsApi, async (request) => {
    const repeated = repeatedNames(request.topics);
    const answers = request.topics.map(async (growth) => {
      const verdict = repeated.has(growth.name)
        ? refused(ErrorCode.invalidRequest, `Topic ${growth.name} stands more than once in the request.`)
        : await attempt(parts.report, () => grow(parts, growth, request.validateOnly));
      return { name: growth.name, ...verdict };
    });
    return { throttleTimeMs: 0, topics: await Promise.all(answers) };
  });
}

async function grow({ topics, node }: Parts, growth: Growth, validateOnly: boolean): Promise<Verdict> {
  const { name, count, assignments } = growth;
  const topic = topics.get(name);
  if (topic === undefined) return refused(ErrorCode.unknownTopicOrPartition, 'This server does not host this topic.');
  const existing = topic.partitions.length;
  if (count <= existing)
    return refused(ErrorCode.invalidPartitions, `Topic currently has ${existing} partitions, ${count} is no increase.`);
  if (count > maxPartitions)
    return refused(ErrorCode.policyViolation, `This broker has at most ${maxPartitions} partitions in a topic.`);
  const isHere = assignments?.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === node.id) ?? true;
  if (!isHere || (assignments !== null && assignments.length !== count - existing))
    return refused(
      ErrorCode.invalidReplicaAssignment,
      `Each new partition must be assigned to broker ${node.id} alone.`,
    );
  if (validateOnly) return accepted;
  const grown = await topics.grow(name, count);
  return grown ? accepted : refused(ErrorCode.invalidPartitions, `Topic ${name} has changed meanwhile.`);
}
