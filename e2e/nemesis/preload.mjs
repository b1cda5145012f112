// Loaded first in each process of a nemesis run (NODE_OPTIONS=--import): lets the run shift the process's clock, and ends
// the process when the run has ended, however that came about.
import { isMainThread } from 'node:worker_threads';

if (isMainThread && process.connected) {
  let offsetMs = 0;
  const RealDate = Date;
  const now = () => RealDate.now() + offsetMs;
  const ShiftedDate = new Proxy(RealDate, {
    construct: (target, given, newTarget) =>
      Reflect.construct(target, given.length > 0 ? given : [now()], newTarget === ShiftedDate ? target : newTarget),
    apply: () => new RealDate(now()).toString(),
    get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
  });
  RealDate.prototype.constructor = ShiftedDate;
  globalThis.Date = ShiftedDate;
  process.on('message', ({ clockOffsetMs }) => {
    offsetMs = clockOffsetMs;
  });
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}
