import type { BrokerParts } from '../broker-parts.js';
import { listConfigResourcesApi } from '../protocol/apis/list-config-resources.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';
import { ResourceType } from './resource-type.js';

type Parts = Pick<BrokerParts, 'topics' | 'settings' | 'node'>;

/** What has settings: the topics, the broker, and the groups that were given some. */
export function listConfigResourcesRoute({ topics, settings, node }: Parts): Route {
  const { topic, broker, brokerLogger, clientMetrics, group } = ResourceType;
  const namesOf: Readonly<Record<number, () => readonly string[]>> = {
    [topic]: () => topics.all().map(({ name }) => name),
    [broker]: () => [String(node.id)],
    [brokerLogger]: () => [String(node.id)],
    [clientMetrics]: () => [],
    [group]: () => settings.names('group'),
  };
  return route(listConfigResourcesApi, ({ types }) => {
    const wanted = types.length === 0 ? Object.keys(namesOf).map(Number) : [...new Set(types)];
    const isKnown = wanted.every((type) => namesOf[type] !== undefined);
    const named = wanted.flatMap((type) => (namesOf[type]?.() ?? []).map((name) => ({ name, type })));
    const errorCode = isKnown ? ErrorCode.none : ErrorCode.unsupportedVersion;
    return { throttleTimeMs: 0, errorCode, resources: isKnown ? named : [] };
  });
}
