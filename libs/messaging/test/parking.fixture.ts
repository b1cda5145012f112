import { Registry } from 'prom-client';
import type { FixedClock } from '#testing';
import {
  EventProcessor,
  messagingMetrics,
  on,
  ParkedRetrier,
  silentLogger,
  type IncomingMessage,
  type ParkingLot,
} from '#messaging';
import { Counted } from './counter.events.js';
import type { CountedHandler } from './counter.fixture.js';

/** A count as it stands on its topic, of the counter that the key names. */
export const countedMessage = (offset: number, key: string | null, time: Date): IncomingMessage => ({
  topic: Counted.topic,
  partition: 0,
  offset: BigInt(offset),
  key,
  value: Buffer.from(JSON.stringify({ n: offset })),
  headers: new Map(
    Object.entries({
      ce_specversion: '1.0',
      ce_id: `event_${offset}`,
      ce_type: Counted.type,
      ce_source: '/catalog',
      ce_subject: key ?? 'a',
      ce_time: time.toISOString(),
      ce_aggregateversion: String(offset + 1),
    }),
  ),
});

interface RetrierOf {
  readonly group: string;
  readonly parkingLot: ParkingLot;
  readonly clock: FixedClock;
  readonly renewMs?: number;
}

/** Tries what a group parked again, when the clock says that it is time. */
export function retrierOf({ group, parkingLot, clock, ...times }: RetrierOf, handler: CountedHandler): ParkedRetrier {
  const metrics = messagingMetrics(new Registry());
  const routes = [on(Counted, handler)];
  const processor = new EventProcessor({ group, routes, parkingLot, metrics, logger: silentLogger });
  return new ParkedRetrier({
    parkingLot,
    processors: [processor],
    logger: silentLogger,
    now: clock.now,
    random: () => 0.5,
    intervalMs: 20,
    ...times,
  });
}
