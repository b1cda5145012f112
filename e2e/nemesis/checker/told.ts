import { NOTHING_SHOWN, recordedHistory } from './recorded-history.js';
import type { Message, Recording } from './recording.js';
import type { Shown } from './shown.js';

/** An event, as a spec of one check tells it. */
export type Told = readonly [topic: string, type: string, subject: string, data: object];

/** What a run leaves behind in which only this happened; each aggregate's versions count from 1. */
export function recordingOf(events: readonly Told[], shown: Partial<Shown>): Recording {
  const versions = new Map<string, number>();
  const messages = events.map(([topic, type, subject, data], offset): Message => {
    const version = (versions.get(subject) ?? 0) + 1;
    versions.set(subject, version);
    const event = { eventId: `event-${offset}`, type, subject, version, value: JSON.stringify(data), poison: false };
    return { topic, partition: 0, offset, ...event };
  });
  return { ...recordedHistory([], []), messages, shown: { ...NOTHING_SHOWN, ...shown } };
}
