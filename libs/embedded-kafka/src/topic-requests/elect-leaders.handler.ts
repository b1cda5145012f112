import type { BrokerParts } from '../broker-parts.js';
import { electLeadersApi } from '../protocol/apis/elect-leaders.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { refused, type Verdict } from './refusal.js';

type Parts = Pick<BrokerParts, 'topics'>;

/** The only broker leads everything: whoever asks for all partitions that need an election finds none. */
export function electLeadersRoute({ topics }: Parts): Route {
  const judge = (name: string, index: number): Verdict => {
    const topic = topics.get(name);
    const isThere = topic?.partitions[index] !== undefined;
    if (isThere) return refused(ErrorCode.electionNotNeeded, 'The leader is the one that is wanted.');
    const what = topic === undefined ? `topic as ${name}` : `partition as ${name}-${index}`;
    return refused(ErrorCode.unknownTopicOrPartition, `No such ${what}`);
  };
  return route(electLeadersApi, ({ topics: wanted }) => ({
    throttleTimeMs: 0,
    errorCode: ErrorCode.none,
    topics: (wanted ?? []).map(({ name, partitions }) => ({
      name,
      partitions: partitions.map((index) => ({ index, ...judge(name, index) })),
    })),
  }));
}
