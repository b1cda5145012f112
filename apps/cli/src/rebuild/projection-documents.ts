import { z } from 'zod';
import { mutation, query, selectionOf } from '../api-operation.js';

export const Projection = z.object({
  name: z.string(),
  state: z.enum(['READY', 'REBUILDING']),
  generation: z.int(),
  finishedAt: z.string().nullable(),
  done: z.int(),
  total: z.int(),
  error: z.string().nullable(),
});
export type Projection = z.infer<typeof Projection>;

export const Projections = query(
  `query Projections($services: [String!]) {
    projections(services: $services) { service projections ${selectionOf(Projection)} } }`,
  z.object({
    projections: z.array(z.object({ service: z.string(), projections: z.array(Projection).nullable() })),
  }),
);
export const RebuildProjection = mutation('rebuildProjection', 'Projection', Projection);
