import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { eventually, startTestServers, type TestServers } from '#testing';
import { connectDatabase, isDuplicateKey, isTransientDatabaseError } from '../src/index.js';

/** Stands before a database. While it is frozen it takes requests and passes nothing on. */
class Front {
  isFrozen = false;
  private readonly clients = new Set<Socket>();
  private readonly server = createServer((client) => this.take(client));

  constructor(private readonly target: number) {}

  async listen(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  /** Ends all connections at once, as the end of their process does. */
  endAll(): void {
    for (const client of this.clients) client.end();
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.destroy();
    if (!this.server.listening) return;
    this.server.close();
    await once(this.server, 'close');
  }

  private take(client: Socket): void {
    const database = connect(this.target, '127.0.0.1');
    this.clients.add(client);
    client.on('data', (data) => void (this.isFrozen || database.write(data)));
    database.on('data', (data) => void (this.isFrozen || client.write(data)));
    for (const socket of [client, database]) socket.on('error', () => socket.destroy());
    client.on('close', () => {
      this.clients.delete(client);
      database.destroy();
    });
    database.on('close', () => client.destroy());
  }
}

const BUSY_MS = 250;
let servers: TestServers;
let front: Front;
let connection: Connection;

beforeAll(async () => {
  servers = await startTestServers();
}, 60_000);
beforeEach(async () => {
  front = new Front(Number(new URL(servers.mongodbUri).port));
  const uri = `mongodb://127.0.0.1:${await front.listen()}/`;
  connection = await connectDatabase({ uri, name: `${servers.namespace}killed`, serverSelectionTimeoutMs: 3_000 });
});
afterEach(async () => {
  await connection.close();
  await front.close();
});
afterAll(() => servers?.stop(), 60_000);

test('a server that ends while this process is busy is found again when it is back', async () => {
  const ask = (id: number): Promise<unknown> => connection.collection<{ _id: number }>('c').findOne({ _id: id });
  const ids = [1, 2, 3, 4, 5, 6];
  await Promise.all(ids.map(ask));
  front.isFrozen = true;
  const asked = Promise.allSettled(ids.map(ask));
  // Requests are on their way, and the driver looked after its server long enough ago to do it again at once.
  await pause(700);
  front.endAll();
  // All ends are seen in one turn of the event loop.
  for (const until = Date.now() + BUSY_MS; Date.now() < until;);
  front.isFrozen = false;

  await asked;
  await eventually(() => ask(1), { timeoutMs: 20_000 });
  expect(await ask(2)).toBeNull();
}, 60_000);

test('a bulk write to a server that is gone is something to try again, one that a server refused is not', async () => {
  const collection = connection.collection<{ _id: number; n?: number }>('bulk');
  const write = (n: number) => collection.bulkWrite([{ insertOne: { document: { _id: 1, n } } }]);
  await write(1);
  const refused = await write(2).catch((error: unknown) => error);
  expect(isDuplicateKey(refused)).toBe(true);
  expect(isTransientDatabaseError(refused)).toBe(false);

  await front.close();

  const unanswered = await write(3).catch((error: unknown) => error);
  expect(unanswered).toMatchObject({ name: 'MongoBulkWriteError' });
  expect(isTransientDatabaseError(unanswered)).toBe(true);
}, 60_000);
