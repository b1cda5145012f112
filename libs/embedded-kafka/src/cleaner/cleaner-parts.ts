import type { BrokerParts } from '../broker-parts.js';
import type { CommitQueue } from '../storage/commit-queue.js';

/** What cleaning works on; the signal ends it between two steps. */
export type CleanerParts = Pick<BrokerParts, 'storage' | 'clock' | 'topics' | 'groups' | 'report'> & {
  readonly commits: Pick<CommitQueue, 'submit'>;
  readonly signal: AbortSignal;
};
