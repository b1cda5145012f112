import type { Watched } from './stall-watch.js';

/** What takes part in a consumer group for as long as the service runs. */
export interface GroupMember extends Watched {
  /** Joins the group in the background. */
  start(): void;
  /** Resolves when the group was joined for the first time. */
  joined(): Promise<void>;
  /** Lets what runs end, commits, and leaves the group. */
  stop(): Promise<void>;
}
