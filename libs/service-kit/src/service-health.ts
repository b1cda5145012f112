/** How a service does. */
export interface ServiceHealth {
  /** Its consumers make progress. Never false for a broker or database that is away: no restart brings these back. */
  readonly isLive: boolean;
  /** Its database answers, and its consumer groups have been joined and have caught up since the start. */
  readonly isReady: boolean;
  /** Why it is not ready. */
  readonly reasons: readonly string[];
}

/** The health of the services of one process, by their names. */
export type HealthReport = Readonly<Record<string, ServiceHealth>>;

export const allLive = (report: HealthReport): boolean => Object.values(report).every(({ isLive }) => isLive);
export const allReady = (report: HealthReport): boolean => Object.values(report).every(({ isReady }) => isReady);
