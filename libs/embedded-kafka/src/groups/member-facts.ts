export interface GroupProtocol {
  readonly name: string;
  /** The client's own: for consumers, the topics it wants. */
  readonly metadata: Buffer;
}

/** What a client says of itself when it joins. */
export interface MemberFacts {
  /** Static members keep their place by it over restarts; null for all others. */
  readonly instanceId: string | null;
  readonly clientId: string;
  readonly clientHost: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly protocols: readonly GroupProtocol[];
}

export const noBytes = Buffer.alloc(0);
