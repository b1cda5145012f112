import { expect, test } from '@jest/globals';
import type { IncomingMessage } from '../bus/message-bus.js';
import { processState, TakenEvents } from './state-sources.js';

const { signal } = new AbortController();
const message = (id: string, offset = 0): IncomingMessage => ({
  topic: 'catalog.product.v1',
  partition: 0,
  offset: BigInt(offset),
  key: 'p1/product.created',
  value: null,
  headers: new Map([
    ['ce_id', id],
    ['ce_partitionkey', 'p1'],
  ]),
});
const idOf = ({ headers }: IncomingMessage): string => headers.get('ce_id') ?? '';

/** Handles what begins with `e`, so many at once. */
function processorOf(atOnce = Infinity) {
  const log: string[] = [];
  const handles = (one: IncomingMessage): boolean => idOf(one).startsWith('e');
  const processMany = async (messages: readonly IncomingMessage[]): Promise<number> => {
    log.push(...messages.slice(0, atOnce).map((one) => `${idOf(one)} of ${one.key}`));
    return Math.min(atOnce, messages.length);
  };
  return { log, processor: { handles, processMany } };
}

test('states are handled under the key that the event had', async () => {
  const { log, processor } = processorOf();
  expect(await processState(processor, [message('e1'), message('other'), message('e2')], signal)).toBe(3);
  expect(log).toEqual(['e1 of p1', 'e2 of p1']);
});

test('an event that was taken as a state is not taken again', async () => {
  const { log, processor } = processorOf();
  const taken = new TakenEvents();
  await processState(processor, [message('e1')], signal, taken);
  expect(await processState(processor, [message('e1'), message('e2')], signal, taken)).toBe(2);
  expect(await processState(processor, [message('e1'), message('e2')], signal, taken)).toBe(2);
  expect(log).toEqual(['e1 of p1', 'e2 of p1']);
});

test('one that was not done with is given again, and what is left out before it counts', async () => {
  const { log, processor } = processorOf(1);
  const taken = new TakenEvents();
  const messages = ['e1', 'other', 'e2'].map((id) => message(id));
  const done = await processState(processor, messages, signal, taken);
  expect(done).toBe(2);
  expect(await processState(processor, messages, signal, taken)).toBe(3);
  expect(log).toEqual(['e1 of p1', 'e2 of p1']);
});

test('of events only the last ones are kept in mind', () => {
  const taken = new TakenEvents(2);
  for (const id of ['e1', 'e2', 'e3', 'e4', 'e5']) taken.add(message(id));
  expect(['e1', 'e2', 'e3', 'e4', 'e5'].filter((id) => taken.has(message(id)))).toEqual(['e3', 'e4', 'e5']);
});
