import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MongoClient } from 'mongodb';
import {
  DataInUseError,
  NotLoopbackError,
  PortTakenError,
  startEmbeddedMongo,
  type EmbeddedMongo,
  type EmbeddedMongoOptions,
} from '#embedded-mongo';

const FLUSH_DELAY_MS = 700;

let folder: string;
const closers: (() => Promise<unknown>)[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-mongo-'));
});

afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close();
  await rm(folder, { recursive: true, force: true });
});

async function start(options: Partial<EmbeddedMongoOptions> = {}): Promise<EmbeddedMongo> {
  const server = await startEmbeddedMongo({ dataDir: folder, ...options });
  closers.push(() => server.close());
  return server;
}

async function connect({ uri }: Pick<EmbeddedMongo, 'uri'>) {
  const client = await MongoClient.connect(uri);
  closers.push(() => client.close());
  return client.db('test').collection<{ _id: number; n?: number }>('things');
}

describe('a write', () => {
  it('is acknowledged only after its flush', async () => {
    const things = await connect(await start({ flushDelayMs: FLUSH_DELAY_MS }));
    for (const write of [
      () => things.insertOne({ _id: 1 }),
      () => things.updateOne({ _id: 1 }, { $set: { n: 1 } }),
      () => things.findOneAndUpdate({ _id: 1 }, { $set: { n: 2 } }),
      () => things.deleteOne({ _id: 1 }),
      () => things.createIndex({ n: 1 }),
    ]) {
      const begin = performance.now();
      await write();
      expect(performance.now() - begin).toBeGreaterThanOrEqual(FLUSH_DELAY_MS);
    }
  });

  it('is refused with a clear message before the disk is full; reads and deletes go on', async () => {
    const first = await start();
    await (await connect(first)).insertOne({ _id: 1 });
    await first.close();
    const things = await connect(await start({ reserveBytes: Number.MAX_SAFE_INTEGER }));
    await expect(things.insertOne({ _id: 2 })).rejects.toMatchObject({
      code: 14031,
      message: expect.stringContaining('The disk is full'),
    });
    await expect(things.updateOne({ _id: 1 }, { $set: { n: 1 } })).rejects.toMatchObject({ code: 14031 });
    expect(await things.findOne()).toEqual({ _id: 1 });
    expect(await things.deleteOne({ _id: 1 })).toMatchObject({ deletedCount: 1 });
  });

  it('survives kill -9 once it is acknowledged, with its indexes', async () => {
    const child = startChild(folder);
    const uri = await firstLine(child);
    const client = await MongoClient.connect(uri);
    const things = client.db('test').collection<{ _id: number; n: number }>('things');
    await things.createIndex({ n: 1 }, { unique: true });
    const acknowledged: number[] = [];
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let i = writer; ; i += 8) {
        await things.insertOne({ _id: i, n: i * 2 });
        if (acknowledged.push(i) === 400) child.kill('SIGKILL');
      }
    });
    await Promise.allSettled(writers);
    await client.close();
    const after = await connect(await start());
    const found = new Set((await after.find().toArray()).map(({ _id }) => _id));
    expect(acknowledged.filter((id) => !found.has(id))).toEqual([]);
    for (const id of [...found].slice(0, 20)) expect(await after.countDocuments({ n: id * 2 })).toBe(1);
    await expect(after.insertOne({ _id: -1, n: 0 })).rejects.toMatchObject({ code: 11000 });
  }, 60_000);
});

describe('a process that ends without closing the server', () => {
  it.each([
    ['by process.exit', 'SIGINT', 3],
    ['by a defect', 'SIGTERM', 1],
  ] as const)('%s ends at once, with what was acknowledged', async (_, signal, status) => {
    const child = startChild(folder);
    const ended = once(child, 'exit');
    const client = await MongoClient.connect(await firstLine(child));
    const things = client.db('test').collection<{ _id: number }>('things');
    let acknowledged = 0;
    for (; acknowledged < 20; acknowledged++) await things.insertOne({ _id: acknowledged });
    const writing = things.insertOne({ _id: -1 }).catch(() => undefined);
    child.kill(signal);
    expect(await ended).toEqual([status, null]);
    await Promise.all([writing, client.close()]);
    const after = await connect(await start());
    expect(await after.countDocuments({ _id: { $gte: 0 } })).toBe(acknowledged);
  });
});

describe('the server', () => {
  it('keeps data, indexes, options and views over a restart at the same port', async () => {
    const first = await start();
    const before = await connect(first);
    await before.createIndex({ n: 1 }, { expireAfterSeconds: 9 });
    await before.insertOne({ _id: 1, n: 5 });
    const client = await MongoClient.connect(first.uri);
    await client
      .db('test')
      .createCollection('view', { viewOn: 'things', pipeline: [{ $limit: 1 }, { $set: { n: 6 } }] });
    await client.close();
    await first.close();
    const things = await connect(await start({ port: first.port }));
    expect(await things.find({ n: 5 }).toArray()).toHaveLength(1);
    expect(await things.aggregate([{ $unionWith: 'view' }]).toArray()).toEqual([
      { _id: 1, n: 5 },
      { _id: 1, n: 6 },
    ]);
    expect(await things.indexes()).toMatchObject([{ name: '_id_' }, { name: 'n_1', expireAfterSeconds: 9 }]);
  });

  it('answers nothing while it is paused, and then everything', async () => {
    const server = await start();
    const things = await connect(server);
    await server.pause();
    let answered = false;
    const write = things.insertOne({ _id: 1 }).then(() => (answered = true));
    await pause(300);
    expect(answered).toBe(false);
    await server.resume();
    await write;
    expect(await things.countDocuments()).toBe(1);
  });

  it('refuses a folder in use, a port that is taken and an address that is not its own', async () => {
    await start();
    await expect(startEmbeddedMongo({ dataDir: folder })).rejects.toBeInstanceOf(DataInUseError);
    const blocker = createServer().listen(0, '127.0.0.1');
    await once(blocker, 'listening');
    closers.push(async () => void blocker.close());
    const { port } = blocker.address() as AddressInfo;
    const dataDir = join(folder, 'other');
    await expect(startEmbeddedMongo({ dataDir, port })).rejects.toBeInstanceOf(PortTakenError);
    // For a try at another port the folder is free at once.
    await start({ dataDir });
    await expect(startEmbeddedMongo({ dataDir: folder, host: '0.0.0.0' })).rejects.toBeInstanceOf(NotLoopbackError);
  });
});

/** The compiled server in a process of its own, which can be killed. */
function startChild(dataDir: string): ChildProcess {
  const index = new URL('../../../dist/libs/embedded-mongo/src/index.js', import.meta.url).href;
  const program = `
    const { startEmbeddedMongo } = await import(${JSON.stringify(index)});
    console.log((await startEmbeddedMongo({ dataDir: ${JSON.stringify(dataDir)} })).uri);
    process.on('SIGINT', () => process.exit(3));
    process.on('SIGTERM', () => { throw new Error('a defect'); });`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  closers.push(async () => void child.kill('SIGKILL'));
  return child;
}

async function firstLine({ stdout }: ChildProcess): Promise<string> {
  if (!stdout) throw new Error('the child has no output');
  for await (const line of createInterface({ input: stdout })) return line;
  throw new Error('the child ended');
}
