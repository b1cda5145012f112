import type { BrokerParts } from '../broker-parts.js';
import { deleteTopicsApi } from '../protocol/apis/delete-topics.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { accepted, attempt, refused } from './refusal.js';

type Parts = Pick<BrokerParts, 'topics' | 'groups' | 'report'>;

/** Deletes topics together with what groups have committed for them. */
export function deleteTopicsRoute({ topics, groups, report }: Parts): Route {
  return route(deleteTopicsApi, async ({ names }) => ({
    throttleTimeMs: 0,
    topics: await Promise.all(
      names.map(async (name) => {
        const verdict = await attempt(report, async () => {
          const deleted = await topics.delete(name, (writes) => groups.offsets.forgetTopic(writes, name));
          return deleted
            ? accepted
            : refused(ErrorCode.unknownTopicOrPartition, 'This server does not host this topic-partition.');
        });
        return { name, ...verdict };
      }),
    ),
  }));
}
