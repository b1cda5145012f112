import type { BrokerParts } from '../broker-parts.js';

/** What cleaning works on; the signal ends it between two steps. */
export type CleanerParts = Pick<BrokerParts, 'storage' | 'commits' | 'clock' | 'topics' | 'groups' | 'report'> & {
  readonly signal: AbortSignal;
};
