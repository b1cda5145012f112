import { noBytes, type GroupProtocol, type MemberFacts } from './member-facts.js';

/** A group as it is stored under ['group', id]: its last stable generation, so that members survive a restart. */
export interface GroupRecord {
  readonly generationId: number;
  readonly protocolType: string;
  readonly protocol: string;
  readonly leader: string;
  readonly members: readonly (MemberFacts & { readonly id: string; readonly assignment: Buffer })[];
  readonly savedMs: number;
}

/** msgpack gives byte arrays back, the group compares Buffers. */
export function reviveRecord(record: GroupRecord): GroupRecord {
  const members = record.members.map((member) => ({
    ...member,
    assignment: bufferOf(member.assignment),
    protocols: member.protocols.map(({ name, metadata }): GroupProtocol => ({ name, metadata: bufferOf(metadata) })),
  }));
  return { ...record, members };
}

/** As when all of them had left at this moment: what is committed stays. */
export const withoutMembers = (record: GroupRecord, nowMs: number): GroupRecord =>
  record.members.length === 0 ? record : { ...record, leader: '', members: [], savedMs: nowMs };

function bufferOf(bytes: Uint8Array): Buffer {
  return bytes.length === 0 ? noBytes : Buffer.from(bytes);
}
