import { notFound, PROJECTION_SERVICES, projectionOperationsOf } from '#contracts';
import { BadInputError } from '#service-kit';
import type { RequestScope } from '../context/request-scope.js';
import type { Root } from '../graphql/resolvers.js';

type ProjectionService = (typeof PROJECTION_SERVICES)[number];
interface ServiceProjections {
  readonly service: ProjectionService;
}

const OPERATIONS = new Map(PROJECTION_SERVICES.map((service) => [service, projectionOperationsOf(service)]));
const namedOf = (service: string) => [...OPERATIONS].find(([name]) => name === service);

/** Errors: BadInputError for a service that has none. */
function operationsOf(service: string) {
  const found = namedOf(service);
  if (!found) throw new BadInputError(`${service} has no projections; ${PROJECTION_SERVICES.join(', ')} have`);
  return found[1];
}

/** Each service is asked by its own field, so that one that is down leaves the others' answers whole. */
function projections(_: Root, { services }: { services?: string[] | null }): ServiceProjections[] {
  for (const service of services ?? []) operationsOf(service);
  return PROJECTION_SERVICES.filter((service) => services?.includes(service) ?? true).map((service) => ({ service }));
}

/** The service stands in the name: `social-feed.products`. */
async function rebuildProjection(_: Root, { input }: { input: { name: string } }, scope: RequestScope) {
  const found = namedOf(input.name.split('.')[0] ?? '');
  if (!found) return notFound('Projection', input.name);
  return scope.command(found[1].rebuild, input);
}

export const projectionResolvers = {
  Query: { projections },
  ServiceProjections: {
    projections: ({ service }: ServiceProjections, _: unknown, scope: RequestScope) =>
      scope.call(operationsOf(service).list, {}),
  },
  Mutation: { rebuildProjection },
};
