import type { Watched } from './stall-watch.js';

/** What takes part in a consumer group for as long as the service runs. */
export interface GroupMember extends Watched {
  /** Joins the group in the background. */
  start(): void;
  /** Resolves when the group was joined for the first time. */
  joined(): Promise<void>;
  /** Takes nothing new, lets what runs end, and commits. It stays in the group. */
  drain(): Promise<void>;
  /** Drains, and leaves the group. */
  stop(): Promise<void>;
}
