// Consumers commit what they are about to do, and do it then: a moment later, as handlers are too quick to be killed between.
import { setTimeout as sleep } from 'node:timers/promises';
import { ConsumerRunner } from '../../../dist/libs/messaging/src/consumer/consumer-runner.js';

const { onMessages } = ConsumerRunner.prototype;
const MOMENT_MS = 100;
const turns = new WeakMap();
ConsumerRunner.prototype.onMessages = function (from, messages, endOffset) {
  const last = messages.at(-1);
  if (last === undefined) return;
  const commit = () => this.subscription?.commit([{ ...from, offset: last.offset + 1n }]);
  const turn = (turns.get(this) ?? Promise.resolve())
    .then(commit)
    .catch(() => undefined)
    .then(() => sleep(MOMENT_MS))
    .then(() => onMessages.call(this, from, messages, endOffset));
  turns.set(this, turn);
};
