/** As `toISOString` writes it, which is how this lib does. */
const USUAL = /^\d{4}-\d\d-\d\dT\d\d:\d\d:[0-5]\d\.\d{3}Z$/;
const MINUTE_CHARS = 16;
/** Events that are read one after the other were nearly always written within one minute of another. */
let lastMinute = { text: '', startMs: Number.NaN };
/** Each is asked for twice: when the event is read, and for its age when it is handled. */
let last = { time: '', ms: Number.NaN };

/** Milliseconds since the epoch; NaN for what is no time, and for a time that is written otherwise. */
export function usualTimeMs(time: string): number {
  if (time !== last.time) last = { time, ms: readUsual(time) };
  return last.ms;
}

function readUsual(time: string): number {
  if (!USUAL.test(time)) return Number.NaN;
  const text = time.slice(0, MINUTE_CHARS);
  if (text !== lastMinute.text) lastMinute = { text, startMs: startOf(text) };
  return lastMinute.startMs + Number(time.slice(17, 19)) * 1_000 + Number(time.slice(20, 23));
}

/** Of any time that is one, however it is written. */
export function timeMs(time: string): number {
  const usual = usualTimeMs(time);
  return Number.isNaN(usual) ? Date.parse(time) : usual;
}

/** NaN for a day that its month has not: `Date` would make another one of it. */
function startOf(minute: string): number {
  const ms = Date.parse(`${minute}:00.000Z`);
  return !Number.isNaN(ms) && new Date(ms).getUTCDate() === Number(minute.slice(8, 10)) ? ms : Number.NaN;
}
