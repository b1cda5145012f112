// Consumers commit what they are about to do, and do it then.
import { ConsumerRunner } from '../../../dist/libs/messaging/src/consumer/consumer-runner.js';

const { onMessages } = ConsumerRunner.prototype;
ConsumerRunner.prototype.onMessages = function (from, messages, endOffset) {
  const last = messages.at(-1);
  if (last === undefined) return;
  const committed = this.subscription?.commit([{ ...from, offset: last.offset + 1n }]);
  void Promise.resolve(committed)
    .catch(() => undefined)
    .then(() => onMessages.call(this, from, messages, endOffset));
};
