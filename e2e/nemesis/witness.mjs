// Loaded into each service of a nemesis run: writes down which events its consumers' handlers have been through, before
// anything is committed, so that what one member had done is known though it is killed a moment later. Times are those of
// the machine, not of a process whose clock is off. The product knows nothing of it.
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const folder = process.env.NEMESIS_WITNESS;

if (isMainThread && folder) {
  const consumer = new URL('../../dist/libs/messaging/src/consumer/', import.meta.url);
  const { ConsumerRunner } = await import(new URL('consumer-runner.js', consumer).href);
  const { HandlerCalls } = await import(new URL('handler-calls.js', consumer).href);
  const { Discard } = await import(new URL('outcomes.js', consumer).href);
  const file = join(folder, `${process.pid}-${Date.now()}.jsonl`);
  const write = (record) => appendFileSync(file, `${JSON.stringify(record)}\n`);
  const handled = ({ options: { group } }, events) => {
    const atNs = process.hrtime.bigint().toString();
    for (const { id } of events) write({ group, eventId: id, atNs });
  };

  const { start: startGroup } = ConsumerRunner.prototype;
  ConsumerRunner.prototype.start = function () {
    const { routes } = this.options.processor;
    if (routes !== undefined) write({ group: this.group, types: [...routes.keys()] });
    return startGroup.call(this);
  };

  const { start } = HandlerCalls.prototype;
  HandlerCalls.prototype.start = async function (handler, events) {
    try {
      await start.call(this, handler, events);
    } catch (error) {
      if (error instanceof Discard) handled(this, events);
      throw error;
    }
    handled(this, events);
  };
}
