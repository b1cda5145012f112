import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Api } from '../support/api.js';
import { inheritedEnvironment } from '../support/config.js';
import { signUp, type Person } from '../support/people.js';
import type { ParkedSeen } from './checker/recording.js';
import type { World } from './world.js';

const GRANT = join(import.meta.dirname, '../../dist/apps/identity/src/grant.main.js');
const GROUPS = '{ parking { service groups { consumerGroup } } }';
const EVENTS = `query($services: [String!], $filter: ParkedFilter!, $after: String) {
  parking(services: $services) { events(filter: $filter, first: 100, after: $after) {
    nodes { eventId error { name message } } pageInfo { hasNextPage endCursor } } } }`;

interface Groups {
  readonly parking: readonly {
    readonly service: string;
    readonly groups: readonly { readonly consumerGroup: string }[] | null;
  }[];
}
interface Events {
  readonly parking: readonly {
    readonly events: {
      readonly nodes: readonly {
        readonly eventId: string;
        readonly error: { readonly name: string; readonly message: string } | null;
      }[];
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
    } | null;
  }[];
}

/** Somebody with the platform role, given as an operator gives it; it counts from the next sign-in on. */
export async function signUpOperator({ api, servers }: World): Promise<Person> {
  const operator = await signUp(api, 'Operator');
  const { mongodbUri: MONGODB_URI, namespace: GRAPEVINE_NAMESPACE } = servers;
  const env = { ...inheritedEnvironment(), MONGODB_URI, GRAPEVINE_NAMESPACE };
  await promisify(execFile)(process.execPath, [GRANT, 'platform', `${operator.handle}@example.com`], { env });
  return operator;
}

/** All parked events of all services. @throws when a service does not answer. */
export async function parkedEvents(operator: Api): Promise<ParkedSeen[]> {
  const parked: ParkedSeen[] = [];
  const { parking } = await operator.ask<Groups>(GROUPS);
  for (const { service, groups } of parking) {
    if (groups === null) throw new Error(`${service} does not say what is parked`);
    for (const group of new Set(groups.map(({ consumerGroup }) => consumerGroup)))
      parked.push(...(await parkedBy(operator, service, group)));
  }
  return parked;
}

async function parkedBy(operator: Api, service: string, group: string): Promise<ParkedSeen[]> {
  const parked: ParkedSeen[] = [];
  for (let after: string | null = null; ;) {
    const variables: Record<string, unknown> = { services: [service], filter: { consumerGroup: group }, after };
    const { parking }: Events = await operator.ask<Events>(EVENTS, variables);
    const page = parking[0]?.events;
    if (!page) throw new Error(`${service} does not say what ${group} parked`);
    for (const { eventId, error } of page.nodes)
      parked.push({ group, eventId, error: error ? `${error.name}: ${error.message}` : 'waits behind another' });
    if (!page.pageInfo.hasNextPage) return parked;
    after = page.pageInfo.endCursor;
  }
}
