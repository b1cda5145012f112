import type { MemberFacts } from './member-facts.js';

export interface JoinRequest extends MemberFacts {
  /** Empty at the first time. */
  readonly memberId: string;
  readonly protocolType: string;
  /** A new member is told its id first and joins with it at the second time (JoinGroup 4 and later). */
  readonly mustKnowId: boolean;
}

export interface JoinAnswer {
  readonly errorCode: number;
  readonly generationId: number;
  readonly protocolName: string;
  readonly leader: string;
  readonly memberId: string;
  /** Everyone's metadata for the leader, nothing for the others. */
  readonly members: readonly { memberId: string; groupInstanceId: string | null; metadata: Buffer }[];
}

export interface SyncAnswer {
  readonly errorCode: number;
  readonly assignment: Buffer;
}

/** The facts without views into the request, which is larger and would be kept with them. */
export function factsOf(request: JoinRequest): MemberFacts {
  const { instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs } = request;
  const protocols = request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }));
  return { instanceId, clientId, clientHost, sessionTimeoutMs, rebalanceTimeoutMs, protocols };
}

export function refusedJoin(errorCode: number, memberId: string): JoinAnswer {
  return { errorCode, generationId: -1, protocolName: '', leader: '', memberId, members: [] };
}
