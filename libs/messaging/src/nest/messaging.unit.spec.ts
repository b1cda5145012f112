import { expect, test } from '@jest/globals';
import type { MessageBus } from '../bus/message-bus.js';
import type { GroupMember } from '../consumer/group-member.js';
import { silentLogger } from '../logger.js';
import { Messaging, type MessagingParts } from './messaging.js';

test('stops in an order that loses nothing: handlers end and commit, the relay is flushed, groups are left', async () => {
  const steps: string[] = [];
  const did = (step: string) => (): Promise<void> => Promise.resolve(void steps.push(step));
  const member = (group: string) =>
    ({ start: () => undefined, drain: did(`${group} drained`), stop: did(`${group} left`) }) as unknown as GroupMember;
  const parts = {
    relay: { start: () => undefined, flush: did('relay flushed'), stop: did('relay stopped') },
    copiers: [member('copier')],
    followers: [member('follower')],
    inPlace: () => ({ start: () => undefined, stop: did('rebuilds stopped'), restored: Promise.resolve() }),
    retrier: { start: () => undefined, stop: did('retrier stopped') },
    watch: { start: () => undefined, stop: () => undefined },
    contracts: [],
    drainMs: 1_000,
    logger: silentLogger,
  } as unknown as MessagingParts;
  const bus = { ensureTopics: () => Promise.resolve(), close: did('bus closed') } as unknown as MessageBus;
  const messaging = new Messaging(bus, () => parts);
  messaging.start();

  await messaging.stop();

  expect(steps[0]).toBe('rebuilds stopped');
  expect(steps.slice(1, 4).toSorted()).toEqual(['copier drained', 'follower drained', 'retrier stopped']);
  expect(steps[4]).toBe('relay flushed');
  expect(steps.slice(5, 7).toSorted()).toEqual(['copier left', 'follower left']);
  expect(steps.slice(7)).toEqual(['relay stopped', 'bus closed']);
});
