// Consumers commit what they are about to do, and do it then.
import { ConsumerRunner } from '../../../dist/libs/messaging/src/consumer/consumer-runner.js';

const { onMessages } = ConsumerRunner.prototype;
const turns = new WeakMap();
ConsumerRunner.prototype.onMessages = function (from, messages, endOffset) {
  const last = messages.at(-1);
  if (last === undefined) return;
  const commit = () => this.subscription?.commit([{ ...from, offset: last.offset + 1n }]);
  const turn = (turns.get(this) ?? Promise.resolve())
    .then(commit)
    .catch(() => undefined)
    .then(() => onMessages.call(this, from, messages, endOffset));
  turns.set(this, turn);
};
