import type { BrokerParts } from '../broker-parts.js';
import { changeSettings, type SettingChange } from '../log/setting-change.js';
import { type ConfigValues, problemOfSetting } from '../log/topic-config.js';
import { alterConfigsApi } from '../protocol/apis/alter-configs.js';
import { incrementalAlterConfigsApi } from '../protocol/apis/incremental-alter-configs.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { accepted, attempt, refused, repeatedNames, type Verdict } from './refusal.js';
import { ResourceType } from './resource-type.js';

type Parts = Pick<BrokerParts, 'topics' | 'report'>;
interface Resource {
  readonly type: number;
  readonly name: string;
}
/** The settings that a topic shall have, from those that it has; or why not. */
type Change = (values: ConfigValues) => ConfigValues | Verdict;

/** Replaces all settings of topics; what is not named goes back to the broker's default. */
export function alterConfigsRoute(parts: Parts): Route {
  return route(alterConfigsApi, ({ resources, validateOnly }) =>
    alterAll(parts, resources, validateOnly, ({ configs }) => {
      const problem = firstProblem(configs);
      const values = () => Object.fromEntries(configs.map(({ name, value }) => [name, value ?? '']));
      return problem === null ? values : () => problem;
    }),
  );
}

/** Sets, takes back, adds to and takes from single settings of topics. */
export function incrementalAlterConfigsRoute(parts: Parts): Route {
  return route(incrementalAlterConfigsApi, ({ resources, validateOnly }) =>
    alterAll(parts, resources, validateOnly, ({ configs }) => changeOf(configs)),
  );
}

function changeOf(changes: readonly SettingChange[]): Change {
  return (values) => {
    if (repeatedNames(changes).size > 0) return refused(ErrorCode.invalidRequest, 'A setting stands there twice.');
    const outcome = changeSettings(values, changes);
    if (typeof outcome === 'string') return refused(ErrorCode.invalidConfig, outcome);
    const changed = Object.entries(outcome).map(([name, value]) => ({ name, value }));
    return firstProblem(changed) ?? outcome;
  };
}

async function alterAll<R extends Resource>(
  parts: Parts,
  resources: readonly R[],
  validateOnly: boolean,
  changeOfResource: (resource: R) => Change,
) {
  const results = resources.map(async (resource) => {
    const { type, name } = resource;
    const change = changeOfResource(resource);
    return { type, name, ...(await attempt(parts.report, () => alter(parts, resource, validateOnly, change))) };
  });
  return { throttleTimeMs: 0, results: await Promise.all(results) };
}

async function alter(
  { topics }: Parts,
  { type, name }: Resource,
  validateOnly: boolean,
  change: Change,
): Promise<Verdict> {
  if (type !== ResourceType.topic) return refused(ErrorCode.invalidRequest, 'Only topics can be configured.');
  const unknown = refused(ErrorCode.unknownTopicOrPartition, `Topic ${name} does not exist.`);
  const topic = topics.get(name);
  if (topic === undefined) return unknown;
  const values = change(topic.values);
  if (isVerdict(values)) return values;
  if (validateOnly) return accepted;
  return (await topics.configure(name, values)) ? accepted : unknown;
}

function isVerdict(outcome: ConfigValues | Verdict): outcome is Verdict {
  return typeof outcome.errorCode === 'number';
}

function firstProblem(configs: readonly { readonly name: string; readonly value: string | null }[]): Verdict | null {
  for (const { name, value } of configs) {
    const problem = problemOfSetting(name, value);
    if (problem !== null) return refused(ErrorCode.invalidConfig, problem);
  }
  return null;
}
