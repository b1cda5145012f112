import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { epochMs } from '../../test/batches.js';
import { FakeClock } from '../../test/fake-clock.js';
import { TemporaryLog } from '../../test/temporary-log.js';
import { Writer } from '../protocol/writer.js';
import { Groups } from './groups.js';
import type { Group } from './group.js';
import type { OffsetEntry } from './offsets.js';

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const sessionTimeoutMs = 10_000;

const turn = () => new Promise((resolve) => setImmediate(resolve));
const isThere = () => true;

describe('groups that nobody needs any more', () => {
  let log: TemporaryLog;
  let clock: FakeClock;
  let groups: Groups;

  const open = (forgetMembers = false): Groups =>
    new Groups(log.storage, log.commits, {
      clock,
      initialDelayMs: 0,
      newMemberId: (prefix) => `${prefix}-1`,
      forgetMembers,
      report: (error) => {
        throw error;
      },
    });
  const entry = (topic: string, overrides: Partial<OffsetEntry> = {}): OffsetEntry => {
    return { topic, partition: 0, offset: 7, metadata: '', committedMs: clock.now(), ...overrides };
  };
  const commit = (groupId: string, ...topics: string[]) =>
    groups.offsets.commit(
      groupId,
      topics.map((topic) => entry(topic)),
      isThere,
    );
  const topicsOf = (groupId: string) => [...groups.offsets.all(groupId)].map(({ topic }) => topic);
  const ids = () => groups.all().map(({ id }) => id);
  const joining = (group: Group, topics: string[], mustKnowId = false) =>
    group.join({
      memberId: '',
      instanceId: null,
      clientId: 'c',
      clientHost: '/127.0.0.1',
      sessionTimeoutMs,
      rebalanceTimeoutMs: sessionTimeoutMs,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscriptionTo(topics) }],
      mustKnowId,
    });
  /** A group with one member that reads these. */
  const stable = async (groupId: string, topics: string[]): Promise<{ group: Group; memberId: string }> => {
    const group = groups.getOrCreate(groupId);
    const joined = joining(group, topics);
    clock.advance(0);
    const { memberId, generationId } = await joined;
    await group.sync({ memberId, instanceId: null, generationId }, [{ memberId, assignment: Buffer.alloc(0) }]);
    await saved();
    return { group, memberId };
  };
  const saved = async () => {
    clock.advance(10);
    await groups.saved();
  };
  /** A member that has left, and what it became is on disk. */
  const left = async (groupId: string, topics: string[] = []) => {
    const { group, memberId } = await stable(groupId, topics);
    group.leave(memberId, null);
    clock.advance(0);
    await saved();
    expect(group.state).toBe('Empty');
  };

  beforeEach(() => {
    log = new TemporaryLog();
    clock = new FakeClock(epochMs);
    groups = open();
  });
  afterEach(() => log.remove());

  test('are forgotten ten minutes after their last member when they have committed nothing', async () => {
    await left('g');
    clock.advance(9 * minuteMs);
    await groups.expire();
    expect(ids()).toEqual(['g']);
    clock.advance(2 * minuteMs);
    await groups.expire();
    expect(ids()).toEqual([]);
    expect([...log.storage.stateUnder(['group'])]).toEqual([]);
  });

  test('are not forgotten while somebody has been given an id to join with', async () => {
    await left('g');
    clock.advance(11 * minuteMs);
    await joining(groups.getOrCreate('g'), [], true);
    await groups.expire();
    expect(ids()).toEqual(['g']);
    clock.advance(sessionTimeoutMs);
    await groups.expire();
    expect(ids()).toEqual([]);
  });

  test('lose their offsets seven days after their last member has left, however old those are', async () => {
    const { group, memberId } = await stable('g', ['read']);
    await commit('g', 'read');
    clock.advance(0);
    for (let passedMs = 0; passedMs < 8 * dayMs; passedMs += sessionTimeoutMs / 2) {
      clock.advance(sessionTimeoutMs / 2);
      group.heartbeat(memberId, null, group.generationId);
    }
    group.leave(memberId, null);
    clock.advance(0);
    await saved();
    await groups.expire();
    expect(topicsOf('g')).toEqual(['read']);
    clock.advance(6 * dayMs);
    await groups.expire();
    expect(topicsOf('g')).toEqual(['read']);
    clock.advance(2 * dayMs);
    await groups.expire();
    expect(topicsOf('g')).toEqual([]);
    expect(ids()).toEqual([]);
  });

  test('count their days from the restart that ended their members', async () => {
    await stable('g', ['read']);
    await commit('g', 'read');
    clock.set(8 * dayMs);
    groups.close();
    groups = open(true);
    await groups.expire();
    expect(topicsOf('g')).toEqual(['read']);
    clock.set(8 * dayMs);
    await groups.expire();
    expect(ids()).toEqual([]);
  });

  test('that never had a member lose each offset at its own age, also after a restart', async () => {
    await commit('g', 'old');
    clock.advance(4 * dayMs);
    await commit('g', 'young');
    clock.advance(4 * dayMs);
    groups = open();
    await groups.expire();
    expect(topicsOf('g')).toEqual(['young']);
    clock.advance(4 * dayMs);
    await groups.expire();
    expect(ids()).toEqual([]);
  });

  test('a group with members loses what it committed for topics that it has not read for seven days', async () => {
    const { group, memberId } = await stable('g', ['read']);
    await commit('g', 'read', 'unread');
    clock.set(8 * dayMs);
    expect(group.heartbeat(memberId, null, group.generationId)).toBe(0);
    await groups.expire();
    expect(topicsOf('g')).toEqual(['read']);
  });

  test('many that are over at once share a few flushes', async () => {
    const many = Array.from({ length: 250 }, (_, index) => `g${index}`);
    for (const id of many) groups.getOrCreate(id);
    await Promise.all(many.map((id) => commit(id, 'read')));
    clock.advance(8 * dayMs);
    const before = log.commits.flushes;
    await groups.expire();
    expect(ids()).toEqual([]);
    expect([...groups.offsets.groupIds()]).toEqual([]);
    expect(log.commits.flushes - before).toBeLessThan(20);
  });

  test('an offset that is committed anew at the moment when it expires stays', async () => {
    groups.getOrCreate('g');
    await commit('g', 'read');
    clock.advance(8 * dayMs);
    const again = commit('g', 'read');
    await groups.expire();
    await again;
    expect([...groups.offsets.all('g')]).toMatchObject([{ topic: 'read', committedMs: clock.now() }]);
  });

  test.each([
    { what: 'topic', forget: 'forgetTopic' as const, name: 'gone' },
    { what: 'group', forget: 'forgetGroup' as const, name: 'g' },
  ])('what is committed in the same flush in which its $what is deleted goes, too', async ({ forget, name }) => {
    let exists = true;
    const committed = () => groups.offsets.commit('g', [entry('gone')], () => exists);
    const before = committed();
    const deletion = log.commits.submit((writes) => {
      exists = false;
      groups.offsets[forget](writes, name);
      return { result: undefined };
    });
    await Promise.all([before, deletion, committed()]);
    await turn();
    expect(topicsOf('g')).toEqual([]);
  });
});

function subscriptionTo(topics: readonly string[]): Buffer {
  const writer = new Writer();
  writer.int16(0);
  writer.int32(topics.length);
  for (const topic of topics) writer.nullableString(topic);
  return Buffer.concat(writer.finish());
}
