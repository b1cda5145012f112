import type { BrokerParts } from '../broker-parts.js';
import { deleteTopicsApi } from '../protocol/apis/delete-topics.js';
import { noUuid } from '../protocol/codec.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { accepted, attempt, refused, repeatedNames, type Verdict } from './refusal.js';

type Parts = Pick<BrokerParts, 'topics' | 'groups' | 'report'>;

/** Topics have no ids here, so nobody can have one from this broker. */
const withoutIds = refused(ErrorCode.unknownTopicId, 'This server does not host this topic ID.');

/** Deletes topics together with what groups have committed for them. */
export function deleteTopicsRoute({ topics, groups, report }: Parts): Route {
  const remove = async (name: string): Promise<Verdict> => {
    const deleted = await topics.delete(name, (writes) => groups.offsets.forgetTopic(writes, name));
    const unknown = 'This server does not host this topic-partition.';
    return deleted ? accepted : refused(ErrorCode.unknownTopicOrPartition, unknown);
  };
  return route(deleteTopicsApi, async ({ topics: named, names: onlyNames }) => {
    const names = [...onlyNames, ...named.flatMap(({ name }) => (name === null ? [] : [name]))];
    const repeated = repeatedNames(names.map((name) => ({ name })));
    const byId = named.filter(({ name }) => name === null);
    const strangers = byId.map(({ topicId }) => ({ name: null, topicId, ...withoutIds }));
    const answers = [...new Set(names)].map(async (name) => {
      const verdict = repeated.has(name)
        ? refused(ErrorCode.invalidRequest, `Topic ${name} stands more than once in the request.`)
        : await attempt(report, () => remove(name));
      return { name, topicId: noUuid, ...verdict };
    });
    return { throttleTimeMs: 0, topics: [...(await Promise.all(answers)), ...strangers] };
  });
}
