import { createHash } from 'node:crypto';
import type { ParkedError } from './parked-event.js';

const FRAMES = 3;
const FOREIGN = /node_modules|\(node:|at node:/;
/** Those who call handlers. An event comes to its handler by another way when it is tried again than at first. */
const CALLERS = /[\\/]messaging[\\/]src[\\/]consumer[\\/](handler-calls|handler-lane|event-processor)\.[jt]s/;

/**
 * What is kept of an error. The fingerprint is made of the place in our own code where it happened, below those who call
 * handlers, and without line numbers and packages, so that upgrades don't change it.
 */
export function describeFailure({ name, message, stack = '' }: Error): ParkedError {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  const called = frames.findIndex((frame) => CALLERS.test(frame));
  const place = frames
    .slice(0, called < 0 ? frames.length : called)
    .filter((frame) => !FOREIGN.test(frame))
    .slice(0, FRAMES)
    .join('\n')
    .replaceAll(/:\d+:\d+/g, '');
  const fingerprint = createHash('sha256').update(`${name}\n${place}`).digest('hex').slice(0, 12);
  return { name, message: message.slice(0, 2_000), fingerprint, stack: stack.slice(0, 4_000) };
}
