import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { StockSet, typeIds } from '#contracts';
import { connectDatabase, databaseName } from '#persistence';
import {
  eventPublisher,
  eventually,
  freePort,
  startTestServers,
  type EventPublisher,
  type TestServers,
} from '#testing';
import type { Connection } from 'mongoose';
import { StockCopies } from '../src/catalog/stock-copy.projection.js';
import { AppProcess } from './child.process.js';
import { DatabaseGate } from './database.gate.js';

const LIMIT_MS = 2_000;
const WITHIN = { timeoutMs: 30_000 };
const COPIES = 'stock_copies';
const PARKED = 'parked';

/** A minute in production; here it is short, so that nobody waits for it. */
describe('a consumer that makes no progress', () => {
  let servers: TestServers;
  let gate: DatabaseGate;
  let events: EventPublisher;
  let connection: Connection;
  let copies: StockCopies;
  let service: AppProcess;
  let statusUrl: string;

  beforeEach(async () => {
    servers = await startTestServers();
    gate = new DatabaseGate(servers.mongodbUri);
    events = eventPublisher(servers);
    const name = databaseName(servers.namespace, 'order');
    connection = await connectDatabase({ uri: servers.mongodbUri, name });
    copies = new StockCopies(connection);
    const statusPort = await freePort();
    statusUrl = `http://127.0.0.1:${statusPort}`;
    service = new AppProcess('apps/order/src/main.js', {
      KAFKA_BROKERS: servers.kafkaBrokers.join(),
      MONGODB_URI: await gate.listen(),
      GRAPEVINE_NAMESPACE: servers.namespace,
      GRAPEVINE_ORDER_URL: `tcp://127.0.0.1:${await freePort()}`,
      GRAPEVINE_METRICS_PORT: String(statusPort),
      GRAPEVINE_STALLED_AFTER_MS: String(LIMIT_MS),
    });
    await service.start(/order is ready/);
    await tell('before', 1);
    await eventually(async () => expect(await availableOf('before')).toBe(1), WITHIN);
  });
  afterEach(async () => {
    await service.stop();
    await gate.close();
    await events.close();
    await connection.close();
    await servers.stop();
  });

  const ids = new Map<string, string>();
  const idOf = (name: string): string => {
    const id = ids.get(name) ?? typeIds.next('variant');
    ids.set(name, id);
    return id;
  };
  const tell = (name: string, available: number) => {
    const level = { onHand: available, reserved: 0, available };
    const product = { productId: typeIds.next('product'), merchantId: typeIds.next('merchant') };
    const variantId = idOf(name);
    return events.publish(StockSet, { ...product, ...level, variantId }, { subject: variantId });
  };
  const availableOf = async (name: string): Promise<number | undefined> =>
    (await copies.model.findById(idOf(name)).lean<{ available?: number }>().exec())?.available;
  const isReady = () => fetch(`${statusUrl}/readyz`, { signal: AbortSignal.timeout(5_000) }).then(({ ok }) => ok);

  test('ends its process with status 1 while broker and database answer', async () => {
    // A call that hangs is set aside, unless that hangs, too.
    gate.swallows = [COPIES, PARKED];
    await tell('during', 2);
    expect(await service.ended()).toBe(1);
    expect(service.output).toContain('the consumer makes no progress');
    expect(await availableOf('during')).toBeUndefined();
  }, 60_000);

  test('is waited for while the database does not answer, and goes on when it does', async () => {
    gate.freeze();
    const frozenAt = Date.now();
    await tell('during', 2);
    await eventually(async () => expect(await isReady()).toBe(false), WITHIN);
    await eventually(() => expect(Date.now() - frozenAt).toBeGreaterThan(4 * LIMIT_MS), WITHIN);
    expect(service.hasEnded).toBe(false);
    gate.thaw();
    await eventually(async () => expect(await availableOf('during')).toBe(2), WITHIN);
    expect(service.hasEnded).toBe(false);
  }, 90_000);
});
