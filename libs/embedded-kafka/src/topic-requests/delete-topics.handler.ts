import type { BrokerParts } from '../broker-parts.js';
import { deleteTopicsApi } from '../protocol/apis/delete-topics.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { accepted, attempt, refused, repeatedNames, type Verdict } from './refusal.js';

type Parts = Pick<BrokerParts, 'topics' | 'groups' | 'report'>;

/** Deletes topics together with what groups have committed for them. */
export function deleteTopicsRoute({ topics, groups, report }: Parts): Route {
  const remove = async (name: string): Promise<Verdict> => {
    const deleted = await topics.delete(name, (writes) => groups.offsets.forgetTopic(writes, name));
    const unknown = 'This server does not host this topic-partition.';
    return deleted ? accepted : refused(ErrorCode.unknownTopicOrPartition, unknown);
  };
  return route(deleteTopicsApi, async ({ names }) => {
    const repeated = repeatedNames(names.map((name) => ({ name })));
    const answers = [...new Set(names)].map(async (name) => {
      const verdict = repeated.has(name)
        ? refused(ErrorCode.invalidRequest, `Topic ${name} stands more than once in the request.`)
        : await attempt(report, () => remove(name));
      return { name, ...verdict };
    });
    return { throttleTimeMs: 0, topics: await Promise.all(answers) };
  });
}
