import type { BrokerParts } from '../broker-parts.js';
import type { Group } from '../groups/group.js';
import { noBytes } from '../groups/member-facts.js';
import type { ResponseOf } from '../protocol/api.js';
import { deleteGroupsApi } from '../protocol/apis/delete-groups.js';
import { describeGroupsApi } from '../protocol/apis/describe-groups.js';
import { listGroupsApi } from '../protocol/apis/list-groups.js';
import { groupOperations } from '../protocol/authorized-operations.js';
import { ErrorCode } from '../protocol/error-code.js';
import { route, type Route } from '../server/route.js';

type Description = ResponseOf<typeof describeGroupsApi>['groups'][number];

/** Groups of the protocol before KIP-848, the only one here. */
const groupType = 'classic';

export function listGroupsRoute({ groups }: Pick<BrokerParts, 'groups'>): Route {
  const isIn = (wanted: readonly string[], value: string): boolean =>
    wanted.length === 0 || wanted.some((one) => one.toLowerCase() === value.toLowerCase());
  return route(listGroupsApi, ({ states, types }) => ({
    throttleTimeMs: 0,
    errorCode: ErrorCode.none,
    groups: groups
      .all()
      .filter(({ state }) => isIn(states, state) && isIn(types, groupType))
      .map(({ id: groupId, protocolType, state }) => ({ groupId, protocolType, state, type: groupType })),
  }));
}

export function describeGroupsRoute({ groups }: Pick<BrokerParts, 'groups'>): Route {
  return route(describeGroupsApi, ({ groups: ids, includeAuthorizedOperations }, { version }) => ({
    throttleTimeMs: 0,
    groups: ids.map((groupId) => {
      const authorizedOperations = groupOperations(includeAuthorizedOperations);
      const description = describe(groupId, groups.get(groupId), version);
      return { ...description, authorizedOperations };
    }),
  }));
}

/** The first version in which a group that is not known is an error, not one that is dead. */
const notFoundSince = 6;

/** As in Kafka what members agreed on is shown only once they have. */
function describe(
  groupId: string,
  group: Group | undefined,
  version: number,
): Omit<Description, 'authorizedOperations'> {
  const base = { errorCode: ErrorCode.none, errorMessage: null, groupId };
  if (group === undefined) {
    const dead = { ...base, state: 'Dead', protocolType: '', protocol: '', members: [] };
    if (version < notFoundSince) return dead;
    return { ...dead, errorCode: ErrorCode.groupIdNotFound, errorMessage: `Group ${groupId} not found.` };
  }
  const { state, protocolType } = group;
  const isStable = state === 'Stable';
  const members = group.members.map((member) => ({
    memberId: member.id,
    groupInstanceId: member.facts.instanceId,
    clientId: member.facts.clientId,
    clientHost: member.facts.clientHost,
    metadata: isStable ? member.metadataFor(group.protocol) : noBytes,
    assignment: isStable ? member.assignment : noBytes,
  }));
  return { ...base, state, protocolType, protocol: isStable ? group.protocol : '', members };
}

export function deleteGroupsRoute({ groups, report }: Pick<BrokerParts, 'groups' | 'report'>): Route {
  const remove = async (groupId: string): Promise<number> => {
    const group = groups.get(groupId);
    if (group === undefined) return ErrorCode.groupIdNotFound;
    if (group.state !== 'Empty') return ErrorCode.nonEmptyGroup;
    try {
      await groups.delete(groupId);
      return ErrorCode.none;
    } catch (error) {
      report(error);
      return ErrorCode.coordinatorNotAvailable;
    }
  };
  return route(deleteGroupsApi, async ({ groups: ids }) => ({
    throttleTimeMs: 0,
    groups: await Promise.all(ids.map(async (groupId) => ({ groupId, errorCode: await remove(groupId) }))),
  }));
}
