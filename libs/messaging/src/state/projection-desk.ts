import type { ProjectionMarker, ProjectionMarkers } from './projection-markers.js';

/** What people ask of the projections of a service: how they are, and to make one anew. */
export class ProjectionDesk {
  /** @param names of the projections, which are their consumer groups. */
  constructor(
    private readonly markers: ProjectionMarkers,
    private readonly names: readonly string[],
  ) {}

  /** Whether the service has projections at all. */
  get isNeeded(): boolean {
    return this.names.length > 0;
  }

  /** In the order in which the service lists them; those that no instance has looked at yet are missing. */
  async list(): Promise<ProjectionMarker[]> {
    const found = new Map((await this.markers.findAll(this.names)).map((marker) => [marker._id, marker]));
    return this.names.flatMap((name) => found.get(name) ?? []);
  }

  /**
   * Asks for a rebuild, which the service's instances then do; one that is under way is not begun again. How far it is,
   * `list` tells.
   * @throws UnknownProjectionError
   */
  async rebuild(name: string): Promise<ProjectionMarker> {
    const marker = this.names.includes(name) ? await this.markers.request(name) : null;
    if (marker === null) throw new UnknownProjectionError(name, this.names);
    return marker;
  }
}

/** It is no projection: it does not exist, or its handlers do more than to write copies. */
export class UnknownProjectionError extends Error {
  readonly code = 'MESSAGING.UNKNOWN_PROJECTION';

  constructor(name: string, names: readonly string[]) {
    super(`${name} is no projection that can be rebuilt; there are ${names.join(', ') || 'none'}`);
    this.name = 'UnknownProjectionError';
  }
}
