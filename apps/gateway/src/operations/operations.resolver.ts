import { PARKING_SERVICES, parkingOperationsOf, type InputOf, type ParkedFilter } from '#contracts';
import { BadInputError } from '#service-kit';
import type { RequestScope } from '../context/request-scope.js';
import { connectionOf, pageInput, type PageArgs } from '../graphql/connection.js';
import type { ResolverMap, Root } from '../graphql/resolvers.js';
import { projectionResolvers } from './projections.resolver.js';

type Operations = ReturnType<typeof parkingOperationsOf>;
type ParkingService = (typeof PARKING_SERVICES)[number];
interface Parking {
  readonly service: ParkingService;
}
type Targeted<Name extends 'replay' | 'discard'> = InputOf<Operations[Name]> & { service: string };

/** A discard takes up to 10,000 events, a replay all lines. */
const REDRIVE_DEADLINE_MS = 30_000;
const OPERATIONS = new Map(PARKING_SERVICES.map((service) => [service, parkingOperationsOf(service)]));

/** Errors: BadInputError for a service that there is not. */
function operationsOf(service: string): Operations {
  const found = [...OPERATIONS].find(([name]) => name === service);
  if (!found) throw new BadInputError(`There is no service ${service}; there are ${PARKING_SERVICES.join(', ')}`);
  return found[1];
}

/** Each service is asked by its own fields, so that one that is down leaves the others' answers whole. */
function parking(_: Root, { services }: { services?: string[] | null }): Parking[] {
  for (const service of services ?? []) operationsOf(service);
  return PARKING_SERVICES.filter((service) => services?.includes(service) ?? true).map((service) => ({ service }));
}

async function events(
  { service }: Parking,
  { filter, ...page }: PageArgs & { filter: ParkedFilter },
  scope: RequestScope,
) {
  return connectionOf(await scope.call(operationsOf(service).events, { ...pageInput(page), filter }), page);
}

export const operationsResolvers: ResolverMap = {
  Query: { parking, ...projectionResolvers.Query },
  ServiceProjections: projectionResolvers.ServiceProjections,
  Parking: {
    groups: ({ service }: Parking, _: unknown, scope: RequestScope) => scope.call(operationsOf(service).groups, {}),
    events,
  },
  Mutation: {
    ...projectionResolvers.Mutation,
    replayParked: (_: Root, { input: { service, ...input } }: { input: Targeted<'replay'> }, scope: RequestScope) =>
      scope.command(operationsOf(service).replay, input, REDRIVE_DEADLINE_MS),
    discardParked: (_: Root, { input: { service, ...input } }: { input: Targeted<'discard'> }, scope: RequestScope) =>
      scope.command(operationsOf(service).discard, input, REDRIVE_DEADLINE_MS),
  },
};
