import type { Type } from '@nestjs/common';
import { projectionOperationsOf, type InputOf, type OutputOf, type ProjectionView, type ServiceName } from '#contracts';
import { UnknownProjectionError, type ProjectionDesk, type ProjectionMarker } from '#messaging';
import { Handles } from './handles.decorator.js';

type Contracts = ReturnType<typeof projectionOperationsOf>;

/** Answers the operations on the projections of a service: the same ones for each, under its own name. */
export function projectionControllerOf(service: ServiceName): Type<object> & (new (desk: ProjectionDesk) => object) {
  const contracts = projectionOperationsOf(service);

  class ProjectionController {
    constructor(private readonly desk: ProjectionDesk) {}

    @Handles(contracts.list)
    async list(): Promise<ProjectionView[]> {
      return (await this.desk.list()).map((marker) => toView(service, marker));
    }

    @Handles(contracts.rebuild)
    async rebuild({ name }: InputOf<Contracts['rebuild']>): Promise<OutputOf<Contracts['rebuild']>> {
      try {
        return { __typename: 'Projection', ...toView(service, await this.desk.rebuild(name)) };
      } catch (error) {
        if (!(error instanceof UnknownProjectionError)) throw error;
        return { __typename: 'NotFound', code: 'NOT_FOUND', message: error.message, type: 'Projection', id: name };
      }
    }
  }
  return ProjectionController;
}

const toView = (service: string, marker: ProjectionMarker): ProjectionView => ({
  name: marker._id,
  service,
  state: marker.state,
  generation: marker.generation,
  requestedAt: marker.requestedAt.toISOString(),
  finishedAt: marker.finishedAt?.toISOString() ?? null,
  done: marker.done,
  total: marker.total,
  error: marker.error ?? null,
});
