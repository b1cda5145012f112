import { afterAll, beforeAll, beforeEach } from '@jest/globals';
import type { Connection } from 'mongoose';
import { Registry } from 'prom-client';
import { connectDatabase, databaseName } from '#persistence';
import { fixedClock, startTestServers, type FixedClock, type TestServers } from '#testing';
import {
  EventProcessor,
  messagingMetrics,
  on,
  ParkedRetrier,
  silentLogger,
  ParkingLot,
  type IncomingMessage,
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

/** A parking lot in a database of its own, empty before each test, and its clock. */
export function useParkingLot(name: string): () => { readonly lot: ParkingLot; readonly clock: FixedClock } {
  let servers: TestServers;
  let connection: Connection;
  let clock: FixedClock;
  let lot: ParkingLot;
  beforeAll(async () => {
    servers = await startTestServers();
    connection = await connectDatabase({ uri: servers.mongodbUri, name: databaseName(servers.namespace, name) });
  });
  beforeEach(async () => {
    clock = fixedClock();
    connection.deleteModel(/parked/);
    lot = new ParkingLot(connection, clock.now);
    await lot.onModuleInit();
    await lot.model.deleteMany({});
  });
  afterAll(async () => {
    await connection.close();
    await servers.stop();
  });
  return () => ({ lot, clock });
}

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
