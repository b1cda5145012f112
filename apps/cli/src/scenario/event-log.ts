import { setTimeout as pause } from 'node:timers/promises';
import { allEvents, type EventContract, type EventEnvelope } from '#contracts';
import { KafkaMessageBus, tail } from '#messaging';

const LOOK_EVERY_MS = 25;
const CLOSE_WITHIN_MS = 5_000;

export type LoggedEvent = EventEnvelope & {
  /** Of its topic. */
  readonly topic: string;
};

/** What other things of a run are told apart by: every event names a person, a merchant or a product. */
export type Known = ReadonlySet<string>;

export const isOf = (known: Known, event: EventEnvelope): boolean =>
  known.has(event.subject) ||
  (typeof event.data === 'object' &&
    event.data !== null &&
    Object.values(event.data).some((value) => typeof value === 'string' && known.has(value)));

/** All events from the moment of opening, read from Kafka by an ordinary consumer; each once, in the order of arrival. */
export class EventLog {
  private readonly events: LoggedEvent[] = [];
  private readonly ids = new Set<string>();

  private constructor(private readonly release: () => Promise<void>) {}

  /** Errors: when the broker can't be reached. */
  static async open(brokers: readonly string[], namespace: string): Promise<EventLog> {
    const bus = new KafkaMessageBus({ brokers, namespace, clientId: 'scenario' });
    const log = new EventLog(() => bus.close());
    const topics = new Map(allEvents.map(({ type, topic }) => [type, topic]));
    const following = tail({
      bus,
      contracts: allEvents,
      handler: (event) => log.add({ ...event, topic: topics.get(event.type) ?? '' }),
    });
    await following.catch(async (error: unknown) => {
      await bus.close();
      throw error;
    });
    return log;
  }

  /** At-least-once delivery may bring an event again. */
  add(event: LoggedEvent): void {
    if (this.ids.has(event.id)) return;
    this.ids.add(event.id);
    this.events.push(event);
  }

  get length(): number {
    return this.events.length;
  }

  /** Those that arrived after the first `mark` ones. */
  since(mark: number): readonly LoggedEvent[] {
    return this.events.slice(mark);
  }

  /** Waits until as many of each type have arrived since the mark; false when they have not in that time. */
  async has(wanted: ReadonlyMap<string, number>, mark: number, known: Known, withinMs: number): Promise<boolean> {
    const isThere = () => {
      const counts = countTypes(this.since(mark).filter((event) => isOf(known, event)));
      return [...wanted].every(([type, count]) => (counts.get(type) ?? 0) >= count);
    };
    for (const untilMs = Date.now() + withinMs; Date.now() < untilMs; await pause(LOOK_EVERY_MS)) {
      if (isThere()) return true;
    }
    return isThere();
  }

  async close(): Promise<void> {
    await Promise.race([this.release(), pause(CLOSE_WITHIN_MS, undefined, { ref: false })]);
  }
}

export function countTypes(events: readonly EventEnvelope[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { type } of events) counts.set(type, (counts.get(type) ?? 0) + 1);
  return counts;
}

/** `contract` once, or `[contract, count]` times, as counts by type. */
export type Expected = EventContract | readonly [contract: EventContract, count: number];
export function countExpected(expected: readonly Expected[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const entry of expected) {
    const [{ type }, count] = 'type' in entry ? [entry, 1] : entry;
    if (count > 0) counts.set(type, (counts.get(type) ?? 0) + count);
  }
  return counts;
}

/** Where the versions of an aggregate are not 1, 2, 3 … in the order of arrival. */
export function gapsIn(events: readonly LoggedEvent[]): string[] {
  const versions = new Map<string, number>();
  return events.flatMap(({ source, topic, subject, type, version }) => {
    const aggregate = `${source} ${topic} ${subject}`;
    const expected = (versions.get(aggregate) ?? 0) + 1;
    versions.set(aggregate, version);
    return version === expected ? [] : [`${type} of ${subject} is version ${version}, not ${expected}`];
  });
}
