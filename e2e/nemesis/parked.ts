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
const EVENTS = `query($services: [String!], $filter: ParkedFilter!) {
  parking(services: $services) { events(filter: $filter, first: 100) { nodes { eventId error { name message } } } } }`;

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
    for (const group of new Set(groups.map(({ consumerGroup }) => consumerGroup))) {
      const variables = { services: [service], filter: { consumerGroup: group } };
      const answer = await operator.ask<Events>(EVENTS, variables);
      for (const { eventId, error } of answer.parking.flatMap(({ events }) => events?.nodes ?? []))
        parked.push({ group, eventId, error: error ? `${error.name}: ${error.message}` : 'waits behind another' });
    }
  }
  return parked;
}
