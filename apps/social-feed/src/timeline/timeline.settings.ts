/** Token of `TimelineSettings`. */
export const TIMELINE_SETTINGS = Symbol('TIMELINE_SETTINGS');

/** The limits of fan-out. Followers and posts, not bytes or milliseconds. */
export interface TimelineSettings {
  /** Posts of authors with more followers are not copied into feeds; feeds ask for them when they are read. */
  readonly pullAboveFollowers: number;
  /** Newest entries of a home feed that are kept; what lies below is asked for when somebody reads that far. */
  readonly keptEntries: number;
  /** About one in so many inserts trims the feed it goes to. */
  readonly trimEvery: number;
  /** Followers whose feeds are written in one go. */
  readonly fanOutChunk: number;
}
export const DEFAULT_TIMELINE_SETTINGS: TimelineSettings = {
  pullAboveFollowers: 5_000,
  keptEntries: 800,
  trimEvery: 64,
  fanOutChunk: 500,
};
