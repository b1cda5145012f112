import type { BrokerParts } from '../broker-parts.js';
import { problemOfSetting } from '../log/topic-config.js';
import type { RequestOf } from '../protocol/api.js';
import { alterConfigsApi } from '../protocol/apis/alter-configs.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { accepted, attempt, refused, type Verdict } from './refusal.js';
import { ResourceType } from './resource-type.js';

type Parts = Pick<BrokerParts, 'topics' | 'report'>;
type Resource = RequestOf<typeof alterConfigsApi>['resources'][number];

/** Replaces all settings of topics; what is not named goes back to the broker's default. */
export function alterConfigsRoute(parts: Parts): Route {
  return route(alterConfigsApi, async ({ resources, validateOnly }) => ({
    throttleTimeMs: 0,
    results: await Promise.all(
      resources.map(async (resource) => {
        const { type, name } = resource;
        return { type, name, ...(await attempt(parts.report, () => alter(parts, resource, validateOnly))) };
      }),
    ),
  }));
}

async function alter({ topics }: Parts, { type, name, configs }: Resource, validateOnly: boolean): Promise<Verdict> {
  if (type !== ResourceType.topic) return refused(ErrorCode.invalidRequest, 'Only topics can be configured.');
  if (topics.get(name) === undefined)
    return refused(ErrorCode.unknownTopicOrPartition, `Topic ${name} does not exist.`);
  for (const config of configs) {
    const problem = problemOfSetting(config.name, config.value);
    if (problem !== null) return refused(ErrorCode.invalidConfig, problem);
  }
  if (validateOnly) return accepted;
  const values = Object.fromEntries(configs.map((config) => [config.name, config.value ?? '']));
  const configured = await topics.configure(name, values);
  return configured ? accepted : refused(ErrorCode.unknownTopicOrPartition, `Topic ${name} does not exist.`);
}
