import type { BrokerParts } from '../broker-parts.js';
import { type JoinAnswer, refusedJoin } from '../groups/join.js';
import { noBytes } from '../groups/member-facts.js';
import type { RequestOf } from '../protocol/api.js';
import { heartbeatApi } from '../protocol/apis/heartbeat.js';
import { joinGroupApi } from '../protocol/apis/join-group.js';
import { leaveGroupApi } from '../protocol/apis/leave-group.js';
import { syncGroupApi } from '../protocol/apis/sync-group.js';
import { ErrorCode } from '../protocol/error-code.js';
import { type RequestContext, route, type Route } from '../server/route.js';
import { maxSessionTimeoutMs, minSessionTimeoutMs } from './session-limits.js';

type Parts = Pick<BrokerParts, 'groups'>;

/** New members learn their id before they join, so that a lost answer leaves no ghost behind (KIP-394). */
const idFirstSince = 4;

export function joinGroupRoute(parts: Parts): Route {
  return route(joinGroupApi, async (request, context) => {
    const answer = await join(parts, request, context);
    const isIn = answer.errorCode === ErrorCode.none;
    return { throttleTimeMs: 0, protocolType: isIn ? request.protocolType : null, ...answer };
  });
}

async function join(
  { groups }: Parts,
  request: RequestOf<typeof joinGroupApi>,
  context: RequestContext,
): Promise<JoinAnswer> {
  const { groupId, memberId, sessionTimeoutMs, rebalanceTimeoutMs } = request;
  if (groupId === '') return refusedJoin(ErrorCode.invalidGroupId, memberId);
  if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs)
    return refusedJoin(ErrorCode.invalidSessionTimeout, memberId);
  const group = memberId === '' ? groups.getOrCreate(groupId) : groups.get(groupId);
  if (group === undefined) return refusedJoin(ErrorCode.unknownMemberId, memberId);
  return group.join({
    memberId,
    instanceId: request.groupInstanceId,
    clientId: context.clientId,
    clientHost: `/${context.clientHost}`,
    sessionTimeoutMs,
    rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
    protocolType: request.protocolType,
    protocols: request.protocols,
    mustKnowId: context.version >= idFirstSince,
  });
}

export function syncGroupRoute({ groups }: Parts): Route {
  return route(syncGroupApi, async ({ groupId, generationId, memberId, groupInstanceId, assignments }) => {
    const who = { memberId, instanceId: groupInstanceId, generationId };
    const group = groups.get(groupId);
    const answer = await group?.sync(who, assignments);
    const outcome = answer ?? { errorCode: ErrorCode.unknownMemberId, assignment: noBytes };
    const isIn = outcome.errorCode === ErrorCode.none;
    // Who works in a generation must find it again when the broker was killed.
    if (isIn) await groups.saved();
    const agreed = { protocolType: group?.protocolType ?? null, protocolName: group?.protocol ?? null };
    return { throttleTimeMs: 0, ...(isIn ? agreed : { protocolType: null, protocolName: null }), ...outcome };
  });
}

export function heartbeatRoute({ groups }: Parts): Route {
  return route(heartbeatApi, ({ groupId, generationId, memberId, groupInstanceId }) => {
    const errorCode = groups.get(groupId)?.heartbeat(memberId, groupInstanceId, generationId);
    return { throttleTimeMs: 0, errorCode: errorCode ?? ErrorCode.unknownMemberId };
  });
}

export function leaveGroupRoute({ groups }: Parts): Route {
  return route(leaveGroupApi, (request, { version }) => {
    const leave = (memberId: string, instanceId: string | null): number =>
      groups.get(request.groupId)?.leave(memberId, instanceId) ?? ErrorCode.unknownMemberId;
    if (version < 3) return { throttleTimeMs: 0, errorCode: leave(request.memberId, null), members: [] };
    const members = request.members.map(({ memberId, groupInstanceId }) => {
      return { memberId, groupInstanceId, errorCode: leave(memberId, groupInstanceId) };
    });
    return { throttleTimeMs: 0, errorCode: ErrorCode.none, members };
  });
}
