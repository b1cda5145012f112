import type { ProjectionMarker, ProjectionMarkers } from './projection-markers.js';

/** What people ask of the projections of a service: how they are, and to make one anew. */
export class ProjectionDesk {
  /**
   * @param names of what can be made anew: consumer groups, and what the service restores in place.
   * @param others groups that can't be, with why not and what to do instead.
   */
  constructor(
    private readonly markers: ProjectionMarkers,
    private readonly names: readonly string[],
    private readonly others: Readonly<Record<string, string>> = {},
  ) {}

  /** Whether there is anything to ask of the service. */
  get isNeeded(): boolean {
    return this.names.length + Object.keys(this.others).length > 0;
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
    if (marker === null) throw new UnknownProjectionError(name, this.names, this.others[name]);
    return marker;
  }
}

/** It is no projection: it does not exist, or its handlers do more than to keep what can be made anew. */
export class UnknownProjectionError extends Error {
  readonly code = 'MESSAGING.UNKNOWN_PROJECTION';

  /** @param reason why it is none, and what to do instead. */
  constructor(name: string, names: readonly string[], reason?: string) {
    const why = reason === undefined ? '' : `: ${reason}`;
    super(`${name} is no projection that can be rebuilt${why}. There are ${names.join(', ') || 'none'}`);
    this.name = 'UnknownProjectionError';
  }
}
