import { z } from 'zod';
import type { ServiceName } from './envelope.js';
import { defineCommand, defineQuery } from './operation.js';
import { NotFound, resultOf } from './user-errors.js';

/** The services that have something that can be made anew from the state topics, or say why they have not. */
export const PROJECTION_SERVICES = ['catalog', 'order', 'social-feed', 'reputation'] as const;

export const ProjectionState = z.enum(['READY', 'REBUILDING']);

export const ProjectionView = z.object({
  /** Of the consumer group: `social-feed.products`. */
  name: z.string(),
  service: z.string(),
  state: ProjectionState,
  /** Goes up with each rebuild. */
  generation: z.int(),
  requestedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime().nullish(),
  /** Of the events on the state topics, while it is rebuilt and after. */
  done: z.int(),
  total: z.int(),
  /** Why the last attempt failed; it is made again. */
  error: z.string().nullish(),
});

/** The operations on the projections of one service. */
export const projectionOperationsOf = (service: ServiceName) =>
  ({
    list: defineQuery({
      name: `${service}.projections`,
      access: 'platform',
      description: 'The projections of the service, and how far they are.',
      input: z.object({}),
      output: z.array(ProjectionView),
    }),
    rebuild: defineCommand({
      name: `${service}.rebuildProjection`,
      access: 'platform',
      description:
        'Makes a projection anew from the state topics, while the service runs; until it is done, what is asked of it is incomplete. One that is under way is not begun again.',
      input: z.object({ name: z.string().max(200) }),
      output: z.discriminatedUnion('__typename', [resultOf('Projection', ProjectionView), NotFound]),
    }),
  }) as const;

export type ProjectionView = z.infer<typeof ProjectionView>;
