import type { Registry } from 'prom-client';
import type { Logger } from './logger.js';

/** Token of `MessagingOptions`: provided by a global module of the service, or given to `MessagingModule.forService`. */
export const MESSAGING_OPTIONS = Symbol('MESSAGING_OPTIONS');

export interface MessagingOptions {
  /** `host:port` of one or more brokers. */
  readonly brokers: readonly string[];
  /** Prefix of topics and groups, so that several Grapevines share one broker. Letters, digits, `.`, `_`, `-`. */
  readonly namespace: string;
  /** Name of this process in the broker's logs. */
  readonly clientId: string;
  /** Partitions of a topic that is created; 6 by default. They can't grow later without breaking the order of keys. */
  readonly partitions?: number;
  readonly logger?: Logger;
  /** Where metrics go; the default registry of prom-client if none is given. */
  readonly metrics?: Registry;
  /**
   * Called when a group is behind and made no progress for a minute, though broker and database answer. The process
   * should end, as nothing else is known to help. Only logged if there is none.
   */
  readonly onStalled?: (group: string) => void;
  /** How long a group may be behind without progress before that; a minute by default. */
  readonly stalledAfterMs?: number;
  /** How long handlers that run at the end may take; 20 s by default. */
  readonly drainMs?: number;
}
