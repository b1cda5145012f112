// Loaded first in each process of a nemesis run (NODE_OPTIONS=--import): lets the run shift the process's clock and cut
// its connections, and ends the process when the run has ended, however that came about.
import { Server, Socket } from 'node:net';
import { isMainThread } from 'node:worker_threads';

/** Date is off by what the returned function was called with last. */
function shiftableClock() {
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
  return (ms) => {
    offsetMs = ms;
  };
}

const failure = (code, message) => Object.assign(new Error(`${message} ${code}`), { code });
const portOf = ([first]) => {
  const given = Array.isArray(first) ? first[0] : first;
  return Number(typeof given === 'object' && given !== null ? given.port : given);
};

/** Stands for every port, and for connections that others open to this process. */
const ALL = 'everything';

/**
 * Connections to a port break and are refused while it is cut. What was under way may have arrived or not, and nobody hears
 * of it.
 */
function cuttableNetwork() {
  const open = new Map();
  let cut;
  const isCut = (port) => cut === ALL || cut === port;
  const keep = (socket, port) => {
    open.set(socket, port);
    socket.once('close', () => open.delete(socket));
  };
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function (...given) {
    const port = portOf(given);
    if (isCut(port)) {
      process.nextTick(() => this.destroy(failure('ECONNREFUSED', `connect 127.0.0.1:${port}`)));
      return this;
    }
    keep(this, port);
    return connect.apply(this, given);
  };
  const { emit } = Server.prototype;
  Server.prototype.emit = function (event, ...given) {
    if (event !== 'connection' || !(given[0] instanceof Socket)) return emit.call(this, event, ...given);
    if (cut === ALL) given[0].destroy();
    else keep(given[0], undefined);
    return cut === ALL || emit.call(this, event, ...given);
  };
  return (port) => {
    cut = port;
    if (cut === undefined) return;
    for (const [socket, at] of open) if (isCut(at)) socket.destroy(failure('ECONNRESET', 'read'));
  };
}

if (isMainThread && process.connected) {
  const shiftClock = shiftableClock();
  const cutOff = cuttableNetwork();
  process.on('message', ({ clockOffsetMs, cutOffFrom }) => {
    if (clockOffsetMs !== undefined) shiftClock(clockOffsetMs);
    if (cutOffFrom !== undefined) cutOff(cutOffFrom === 'nothing' ? undefined : cutOffFrom);
  });
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
  process.channel?.unref();
}
