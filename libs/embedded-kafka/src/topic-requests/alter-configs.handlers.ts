import type { BrokerParts } from '../broker-parts.js';
import { changeSettings, type SettingChange } from '../log/setting-change.js';
import { type ConfigValues, problemOfSetting } from '../log/topic-config.js';
import { alterConfigsApi } from '../protocol/apis/alter-configs.js';
import { incrementalAlterConfigsApi } from '../protocol/apis/incremental-alter-configs.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { type Configurable, problemOfResourceSetting } from '../topics/resource-settings.js';
import { accepted, attempt, refused, repeatedNames, type Verdict } from './refusal.js';
import { ResourceType } from './resource-type.js';

type Parts = Pick<BrokerParts, 'topics' | 'settings' | 'node' | 'report'>;
interface Resource {
  readonly type: number;
  readonly name: string;
}
type Settings = readonly { readonly name: string; readonly value: string | null }[];
/** The settings that a resource shall have, from those that it has; or why not. */
type Change = (values: ConfigValues, judge: (settings: Settings) => Verdict | null) => ConfigValues | Verdict;

/** Replaces all settings of topics, groups and the broker; what is not named goes back to its default. */
export function alterConfigsRoute(parts: Parts): Route {
  return route(alterConfigsApi, ({ resources, validateOnly }) =>
    alterAll(parts, resources, validateOnly, ({ configs }) => (_, judge) => {
      return judge(configs) ?? Object.fromEntries(configs.map(({ name, value }) => [name, value ?? '']));
    }),
  );
}

/** Sets, takes back, adds to and takes from single settings of topics, groups and the broker. */
export function incrementalAlterConfigsRoute(parts: Parts): Route {
  return route(incrementalAlterConfigsApi, ({ resources, validateOnly }) =>
    alterAll(parts, resources, validateOnly, ({ configs }) => changeOf(configs)),
  );
}

function changeOf(changes: readonly SettingChange[]): Change {
  return (values, judge) => {
    if (repeatedNames(changes).size > 0) return refused(ErrorCode.invalidRequest, 'A setting stands there twice.');
    const outcome = changeSettings(values, changes);
    if (typeof outcome === 'string') return refused(ErrorCode.invalidConfig, outcome);
    return judge(Object.entries(outcome).map(([name, value]) => ({ name, value }))) ?? outcome;
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

async function alter(parts: Parts, resource: Resource, validateOnly: boolean, change: Change): Promise<Verdict> {
  const { type, name } = resource;
  if (type === ResourceType.topic) return alterTopic(parts, name, validateOnly, change);
  const own = String(parts.node.id);
  if (type === ResourceType.broker && name !== '' && name !== own)
    return refused(ErrorCode.invalidRequest, `Unexpected broker id, expected ${own} or none, but received ${name}`);
  if (type === ResourceType.broker) return alterOther(parts, 'broker', name, validateOnly, change);
  if (type === ResourceType.group && name !== '') return alterOther(parts, 'group', name, validateOnly, change);
  return refused(ErrorCode.invalidRequest, 'Only topics, groups and the broker can be configured.');
}

async function alterTopic({ topics }: Parts, name: string, validateOnly: boolean, change: Change): Promise<Verdict> {
  const unknown = refused(ErrorCode.unknownTopicOrPartition, `Topic ${name} does not exist.`);
  const topic = topics.get(name);
  if (topic === undefined) return unknown;
  const values = change(topic.values, (settings) => firstProblem(settings, problemOfSetting, ErrorCode.invalidConfig));
  if (isVerdict(values)) return values;
  if (validateOnly) return accepted;
  return (await topics.configure(name, values)) ? accepted : unknown;
}

async function alterOther(
  { settings }: Parts,
  kind: Configurable,
  name: string,
  validateOnly: boolean,
  change: Change,
): Promise<Verdict> {
  const refusedWith = kind === 'broker' ? ErrorCode.invalidRequest : ErrorCode.invalidConfig;
  const values = change(settings.of(kind, name), (wanted) =>
    firstProblem(wanted, (setting, value) => problemOfResourceSetting(kind, setting, value), refusedWith),
  );
  if (isVerdict(values)) return values;
  if (!validateOnly) await settings.configure(kind, name, values);
  return accepted;
}

function isVerdict(outcome: ConfigValues | Verdict): outcome is Verdict {
  return typeof outcome.errorCode === 'number';
}

function firstProblem(
  settings: Settings,
  problemOf: (name: string, value: string | null) => string | null,
  errorCode: number,
): Verdict | null {
  for (const { name, value } of settings) {
    const problem = problemOf(name, value);
    if (problem !== null) return refused(errorCode, problem);
  }
  return null;
}
