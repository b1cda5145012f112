import { beforeEach, describe, expect, test } from '@jest/globals';
import { FakeClock } from '../../test/fake-clock.js';
import { ErrorCode } from '../protocol/error-code.js';
import { Group } from './group.js';
import { reviveRecord, withoutMembers, type GroupRecord } from './group-record.js';
import type { JoinAnswer, JoinRequest, SyncAnswer } from './join.js';

const initialDelayMs = 200;
const sessionTimeoutMs = 10_000;
const rebalanceTimeoutMs = 60_000;
const protocols = [{ name: 'range', metadata: Buffer.from('topics') }];

/** A promise's result once it is there; promises need a turn of the event loop. */
function watched<T>(promise: Promise<T>): { answer?: T } {
  const seen: { answer?: T } = {};
  void promise.then((answer) => (seen.answer = answer));
  return seen;
}
const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('consumer group', () => {
  let clock: FakeClock;
  let group: Group;
  let saved: GroupRecord[];

  const newGroup = (): Group => {
    let ids = 0;
    const newMemberId = (prefix: string) => `${prefix}-${++ids}`;
    const save = (one: Group) => void saved.push(one.record(clock.now()));
    return new Group('g', { clock, initialDelayMs, newMemberId, save });
  };
  const join = (overrides: Partial<JoinRequest> = {}): { answer?: JoinAnswer } =>
    watched(
      group.join({
        memberId: '',
        instanceId: null,
        clientId: 'c',
        clientHost: '/127.0.0.1',
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        protocolType: 'consumer',
        protocols,
        mustKnowId: false,
        ...overrides,
      }),
    );
  const sync = (memberId: string, assigned: string[] = [], instanceId: string | null = null) =>
    watched<SyncAnswer>(
      group.sync(
        { memberId, instanceId, generationId: group.generationId },
        assigned.map((id) => ({ memberId: id, assignment: Buffer.from(`part of ${id}`) })),
      ),
    );
  /** A stable group of these many members; the first is the leader. */
  const stable = async (count: number): Promise<string[]> => {
    const joins = Array.from({ length: count }, () => join());
    clock.advance(initialDelayMs);
    await turn();
    const ids = joins.map(({ answer }) => answer?.memberId ?? '');
    const leader = joins[0]?.answer?.leader ?? '';
    for (const id of ids) if (id !== leader) sync(id);
    sync(leader, ids);
    await turn();
    expect(group.state).toBe('Stable');
    return ids;
  };

  beforeEach(() => {
    clock = new FakeClock();
    saved = [];
    group = newGroup();
  });

  test('waits 200 ms for more members before its first generation, and tells the leader of all', async () => {
    const first = join();
    clock.advance(initialDelayMs - 1);
    const second = join();
    clock.advance(initialDelayMs - 1);
    await turn();
    expect(first.answer).toBeUndefined();
    clock.advance(1);
    await turn();
    expect(first.answer).toMatchObject({ errorCode: 0, generationId: 1, protocolName: 'range', leader: 'c-1' });
    expect(first.answer?.members.map(({ memberId }) => memberId)).toEqual(['c-1', 'c-2']);
    expect(second.answer).toMatchObject({ generationId: 1, memberId: 'c-2', leader: 'c-1', members: [] });
  });

  test('gives each member the part that the leader made for it, and stores the generation', async () => {
    join();
    join();
    clock.advance(initialDelayMs);
    const follower = sync('c-2');
    await turn();
    expect(follower.answer).toBeUndefined();
    const leader = sync('c-1', ['c-1', 'c-2']);
    await turn();
    expect(leader.answer?.assignment.toString()).toBe('part of c-1');
    expect(follower.answer?.assignment.toString()).toBe('part of c-2');
    expect(saved.at(-1)).toMatchObject({ generationId: 1, leader: 'c-1', protocol: 'range' });
  });

  test('rebalances when a member joins: the others are told by their heartbeat, and come', async () => {
    const [first = ''] = await stable(1);
    expect(group.heartbeat(first, null, 1)).toBe(ErrorCode.none);
    const second = join();
    await turn();
    expect(second.answer).toBeUndefined();
    expect(group.heartbeat(first, null, 1)).toBe(ErrorCode.rebalanceInProgress);
    const again = join({ memberId: first });
    await turn();
    expect(again.answer).toMatchObject({ errorCode: 0, generationId: 2 });
    expect(second.answer).toMatchObject({ errorCode: 0, generationId: 2 });
    expect(group.heartbeat(first, null, 1)).toBe(ErrorCode.illegalGeneration);
  });

  test('goes on without a member that did not come within the rebalance timeout', async () => {
    const [first = '', second = ''] = await stable(2);
    const third = join();
    join({ memberId: first });
    for (let waitedMs = 0; waitedMs < rebalanceTimeoutMs; waitedMs += 5_000) {
      group.heartbeat(second, null, 1);
      clock.advance(5_000);
    }
    await turn();
    expect(third.answer).toMatchObject({ errorCode: 0, generationId: 2 });
    expect(group.members.map(({ id }) => id)).toEqual([first, 'c-3']);
    expect(group.heartbeat(second, null, 2)).toBe(ErrorCode.unknownMemberId);
  });

  test('gives a member that names no rebalance timeout the time to sync, but not for ever', async () => {
    const hasty = join({ rebalanceTimeoutMs: 0 });
    clock.advance(0);
    await turn();
    expect(hasty.answer).toMatchObject({ errorCode: 0, generationId: 1 });
    clock.advance(900);
    const synced = sync('c-1', ['c-1']);
    await turn();
    expect(synced.answer?.errorCode).toBe(ErrorCode.none);

    const silent = join({ memberId: 'c-1', rebalanceTimeoutMs: 0 });
    await turn();
    expect(silent.answer?.errorCode).toBe(ErrorCode.none);
    clock.advance(1_000);
    expect(group.members).toHaveLength(0);
  });

  test('drops a member that is not heard for its session timeout, and rebalances the rest', async () => {
    const [first = '', second = ''] = await stable(2);
    clock.advance(sessionTimeoutMs - 1);
    expect(group.heartbeat(first, null, 1)).toBe(ErrorCode.none);
    clock.advance(1);
    expect(group.heartbeat(second, null, 1)).toBe(ErrorCode.unknownMemberId);
    expect(group.heartbeat(first, null, 1)).toBe(ErrorCode.rebalanceInProgress);
  });

  test('is empty when all have left, and begins anew', async () => {
    const [first = ''] = await stable(1);
    expect(group.leave(first, null)).toBe(ErrorCode.none);
    expect(group.state).toBe('Empty');
    expect(saved.at(-1)?.members).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
    const next = join();
    clock.advance(initialDelayMs);
    await turn();
    expect(next.answer?.errorCode).toBe(ErrorCode.none);
  });

  test('refuses commits of members that are gone or late, and takes those from outside only while it is empty', async () => {
    expect(group.judgeCommit('', -1)).toBe(ErrorCode.none);
    const [first = ''] = await stable(1);
    expect(group.judgeCommit(first, 1)).toBe(ErrorCode.none);
    expect(group.judgeCommit(first, 0)).toBe(ErrorCode.illegalGeneration);
    expect(group.judgeCommit('stranger', 1)).toBe(ErrorCode.unknownMemberId);
    expect(group.judgeCommit('', -1)).toBe(ErrorCode.unknownMemberId);
  });

  test('gives a new member its id first, and forgets the id when nobody comes with it', async () => {
    const first = join({ mustKnowId: true });
    await turn();
    expect(first.answer).toMatchObject({ errorCode: ErrorCode.memberIdRequired, memberId: 'c-1' });
    const joined = join({ memberId: 'c-1', mustKnowId: true });
    clock.advance(initialDelayMs);
    await turn();
    expect(joined.answer?.errorCode).toBe(ErrorCode.none);
    join({ mustKnowId: true });
    clock.advance(sessionTimeoutMs);
    const late = join({ memberId: 'c-2', mustKnowId: true });
    await turn();
    expect(late.answer?.errorCode).toBe(ErrorCode.unknownMemberId);
  });

  test('refuses members that share no protocol with the others', async () => {
    await stable(1);
    const other = join({ protocols: [{ name: 'sticky', metadata: Buffer.alloc(0) }] });
    const connector = join({ protocolType: 'connect' });
    await turn();
    expect(other.answer?.errorCode).toBe(ErrorCode.inconsistentGroupProtocol);
    expect(connector.answer?.errorCode).toBe(ErrorCode.inconsistentGroupProtocol);
    expect(group.state).toBe('Stable');
  });

  test('keeps a static member its part over a restart of the client, and fences the one before', async () => {
    join({ instanceId: 'i' });
    clock.advance(initialDelayMs);
    sync('i-1', ['i-1'], 'i');
    await turn();
    const back = join({ instanceId: 'i' });
    await turn();
    expect(back.answer).toMatchObject({ errorCode: 0, generationId: 1, memberId: 'i-2' });
    expect(group.heartbeat('i-1', 'i', 1)).toBe(ErrorCode.fencedInstanceId);
    const synced = sync('i-2', [], 'i');
    await turn();
    expect(synced.answer?.assignment.toString()).toBe('part of i-1');
  });

  test('knows its members again after a restart of the broker, for one session timeout', async () => {
    const [first = '', second = ''] = await stable(2);
    const record = saved.at(-1);
    if (record === undefined) throw new Error('nothing was stored');
    group = newGroup();
    group.restore(reviveRecord(record));
    expect(group.heartbeat(first, null, 1)).toBe(ErrorCode.none);
    expect(group.judgeCommit(second, 1)).toBe(ErrorCode.none);
    clock.advance(sessionTimeoutMs);
    expect(group.heartbeat(first, null, 1)).toBe(ErrorCode.unknownMemberId);
  });

  test.each([-3_600_000, 3_600_000])('waits as long for more members when the clock is set by %i ms', async (byMs) => {
    const first = join({ rebalanceTimeoutMs: 500 });
    clock.advance(initialDelayMs - 1);
    clock.set(byMs);
    join();
    clock.advance(initialDelayMs - 1);
    await turn();
    expect(first.answer).toBeUndefined();
    join();
    clock.advance(500 - 2 * (initialDelayMs - 1));
    await turn();
    expect(first.answer?.members).toHaveLength(3);
  });

  test('waits for nobody after a restart that ended its members, too', async () => {
    const [first = ''] = await stable(2);
    const record = saved.at(-1);
    if (record === undefined) throw new Error('nothing was stored');
    group = newGroup();
    group.restore(withoutMembers(reviveRecord(record), clock.now()));
    expect(group.heartbeat(first, null, 1)).toBe(ErrorCode.unknownMemberId);
    const next = join();
    clock.advance(initialDelayMs);
    await turn();
    expect(next.answer).toMatchObject({ errorCode: ErrorCode.none, generationId: 2 });
  });
});
