import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import {
  Commented,
  OrderCancelled,
  OrderDelivered,
  OrderPlaced,
  PostPublished,
  ProductCreated,
  ProfileCreated,
  ReviewPublished,
  ReviewReplied,
  StockSet,
  type EventContract,
} from '#contracts';
import { ParkingLot } from '#messaging';
import { connectDatabase, databaseName } from '#persistence';
import { captureEvents, eventually, type CapturedEvents } from '#testing';
import { ORDERS, PEOPLE, POSTS, PRODUCTS } from '../apps/cli/src/demonstration/content.js';
import { loadDemonstration } from '../apps/cli/src/demonstration/load-demonstration.js';
import { inheritedEnvironment } from './support/config.js';
import { cutOffAfter } from './support/cut-off.js';
import { PASSWORD, signUp } from './support/people.js';
import { Rebuilding } from './support/rebuilding.js';
import { OneProcess } from './support/system.js';
import { runTool, type ToolRun } from './support/tool.js';

const GRANT = join(import.meta.dirname, '../dist/apps/identity/src/grant.main.js');
const STARTS_WITHIN_MS = 150_000;
const LONG = { timeoutMs: 60_000, intervalMs: 100 };
const CUTS = [20, 70];

const HEADER = 'Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price';
const EXPORT = [
  HEADER,
  'lamp,Lamp,Color,red,L-1,3,19.90',
  'lamp,,,blue,L-1,-2,19.90',
  'cup,Cup,,,,1,7',
  'pot,"Po"t,,,P-1,1,3',
  'jug,Jug,,,J-1,1,',
].join('\n');

let system: OneProcess;
let events: CapturedEvents;
let outer: string;
let folder: string;

beforeAll(async () => {
  outer = await mkdtemp(join(tmpdir(), 'grapevine-tools-'));
  // Tools look for input beside the folder that they run in.
  folder = join(outer, 'here');
  await mkdir(folder);
  system = await OneProcess.start();
  events = await captureEvents(system.servers);
}, STARTS_WITHIN_MS);
afterAll(async () => {
  await events?.close();
  await system?.stop();
  await rm(outer, { recursive: true, force: true });
}, 60_000);

async function grantPlatform(email: string): Promise<void> {
  const { namespace } = system.servers;
  const env = { ...inheritedEnvironment(), MONGODB_URI: system.mongodbUri, GRAPEVINE_NAMESPACE: namespace };
  await promisify(execFile)(process.execPath, [GRANT, 'platform', email], { env });
}

/** As a group leaves it that could not read it. On the topic itself it would be in the way of all other tests. */
async function parkBroken(): Promise<void> {
  const name = databaseName(system.servers.namespace, 'order');
  const connection = await connectDatabase({ uri: system.mongodbUri, name });
  const headers = new Map([
    ['ce_id', 'event_broken'],
    ['ce_type', StockSet.type],
    ['ce_subject', 'variant_broken'],
  ]);
  const lot = new ParkingLot(connection);
  const message = { topic: StockSet.topic, partition: 0, offset: 1_000_000n, key: 'variant_broken' };
  const inAnHour = new Date(Date.now() + 3_600_000);
  const reason = { error: new Error('the value is not JSON'), nextAt: inAnHour };
  await lot.park('order.catalog', { ...message, value: Buffer.from('{"broken'), headers }, reason);
  await connection.close();
}

const countOf = (contract: EventContract): number => new Set(events.of(contract).map(({ id }) => id)).size;

describe('the demonstration', () => {
  test('is completed by the next run, however often one was cut off, and made once', async () => {
    for (const cut of CUTS) {
      const between = await cutOffAfter(system.api.url, cut);
      await expect(loadDemonstration({ url: between.url, dataDir: folder })).rejects.toThrow('lost');
      await between.close();
    }
    const made = await loadDemonstration({ url: system.api.url, dataDir: folder });

    expect(made.isNew).toBe(true);
    const expected: readonly (readonly [EventContract, number])[] = [
      [ProfileCreated, PEOPLE.length],
      [ProductCreated, PRODUCTS.length],
      [PostPublished, POSTS.length],
      [Commented, POSTS.flatMap(({ comments }) => comments).length],
      [OrderPlaced, ORDERS.length],
      [OrderDelivered, ORDERS.filter(({ ends }) => ends === 'DELIVERED').length],
      [OrderCancelled, ORDERS.filter(({ ends }) => ends === 'CANCELLED').length],
      [ReviewPublished, ORDERS.filter(({ review }) => review).length],
      [ReviewReplied, ORDERS.filter(({ reply }) => reply).length + 1],
    ];
    await eventually(() => {
      for (const [contract, count] of expected)
        expect([contract.type, countOf(contract)]).toEqual([contract.type, count]);
    }, LONG);
  }, 180_000);

  test('is recognised when it is there; its people can sign in, and its queries work without a token', async () => {
    const placed = countOf(OrderPlaced);
    const found = await loadDemonstration({ url: system.api.url, dataDir: folder });

    expect(found).toMatchObject({ isNew: false, profileHandle: 'noor' });
    expect(found.signIns).toHaveLength(PEOPLE.length);
    for (const { document } of found.sampleQueries) {
      const answer = await fetch(`${system.api.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: document }),
      });
      const { data, errors } = (await answer.json()) as { data: Record<string, unknown>; errors?: unknown };
      expect(errors).toBeUndefined();
      expect(Object.values(data).every((value) => value !== null)).toBe(true);
    }
    expect(countOf(OrderPlaced)).toBe(placed);
  });

  test('has no sign-ins to show in a folder that does not know the passwords', async () => {
    const found = await loadDemonstration({ url: system.api.url, dataDir: join(folder, 'other') });
    expect(found).toMatchObject({ isNew: false, signIns: [] });
  });
});

describe('the tools', () => {
  const run = (name: string, ...args: string[]): Promise<ToolRun> =>
    runTool(name, args, {
      cwd: folder,
      env: {
        ...inheritedEnvironment(),
        DATA_DIR: folder,
        KAFKA_BROKERS: system.servers.kafkaBrokers.join(),
        GRAPEVINE_NAMESPACE: system.servers.namespace,
        PAYMENT_SANDBOX_URL: system.sandboxUrl,
      },
    });

  test('import what is good of an export, report the rest by line, and change nothing the second time', async () => {
    const file = join(folder, 'export.csv');
    await writeFile(file, EXPORT);
    const args = ['shopify', file, '--merchant', 'tools-shop', '--currency', 'EUR', '--url', system.api.url];
    const first = await run('import', ...args);
    expect(first).toMatchObject({ status: 3, lastLine: 'imported 2 products, 3 variants; 2 rows rejected' });
    expect(first.output).toContain('line 3: warning: has the stock -2, taken as 0');
    expect(first.output).toContain('line 5: rejected: has a quote in the middle of a cell');
    expect(first.output).toContain('line 6: rejected: has no price');
    const before = { products: PRODUCTS.length + 2, counts: PRODUCTS.flatMap(({ variants }) => variants).length + 3 };
    await eventually(() => {
      expect({ products: countOf(ProductCreated), counts: countOf(StockSet) }).toEqual(before);
    }, LONG);

    expect(await run('import', ...args)).toMatchObject({ status: 3, lastLine: first.lastLine });

    await writeFile(file, EXPORT.split('\n').slice(0, 4).join('\n'));
    const good = await run('import', ...args);
    expect(good).toMatchObject({ status: 0, lastLine: 'imported 2 products, 3 variants; 0 rows rejected' });
    expect({ products: countOf(ProductCreated), counts: countOf(StockSet) }).toEqual(before);
    expect(events.all.filter(({ type }) => type === 'product.changed')).toEqual([]);
  }, 60_000);

  test('fail with a message where there is nothing to import, or nobody to ask', async () => {
    const missing = await run('import', 'shopify', 'none.csv', '--merchant', 'tools-shop', '--url', system.api.url);
    expect(missing).toMatchObject({ status: 1, output: expect.stringContaining("can't be read: ENOENT") });
    const nobody = await run('import', 'shopify', 'export.csv', '--merchant', 'tools-shop');
    expect(nobody).toMatchObject({ status: 1, output: expect.stringContaining('Nothing runs on') });
    const usage = expect.stringContaining('npm run events -- COMMAND');
    const asWhom = expect.stringContaining('As whom?');
    expect(await run('events', '--nope')).toMatchObject({ status: 1, output: usage });
    expect(await run('events', '--help')).toMatchObject({ status: 0, output: usage });
    expect(await run('events', 'groups', '--url', system.api.url)).toMatchObject({ status: 1, output: asWhom });
    expect(await run('rebuild', '--url', system.api.url)).toMatchObject({ status: 1, output: asWhom });
    const asNobody = ['--email', 'nobody@example.com', '--password', PASSWORD, '--url', system.api.url];
    const wide = await run('events', 'show', '--service', 'order', '--key', 'variant_1', ...asNobody);
    expect(wide).toMatchObject({ status: 1, output: expect.stringContaining('--type and --key alone are no filter') });
    const fast = await run('events', 'replay', '--service', 'order', '--group', 'g', '--rate', '501', ...asNobody);
    expect(fast).toMatchObject({ status: 1, output: expect.stringContaining('--rate 501 is more than 500') });
  }, 60_000);

  test('list the projections and make one anew for the platform role, and say which there are', async () => {
    const { handle } = await signUp(system.api, 'Rita');
    const email = `${handle}@example.com`;
    const asRita = ['--email', email, '--password', PASSWORD, '--url', system.api.url];
    const refused = await run('rebuild', 'social-feed.products', ...asRita);
    expect(refused.status).toBe(1);

    await grantPlatform(email);
    const listed = await run('rebuild', ...asRita);
    expect(listed.status).toBe(0);
    for (const name of ['order.catalog', 'social-feed.products', 'reputation.records'])
      expect(listed.output).toContain(`${name}  is ready`);

    const rebuilt = await run('rebuild', 'social-feed.products', ...asRita);
    expect(rebuilt.lastLine).toMatch(
      /^social-feed\.products is rebuilt from \d+ events, in [\d.]+ s( \(\d+ per second\))?$/,
    );
    expect(rebuilt.status).toBe(0);
    expect(Number(/from (\d+) events/.exec(rebuilt.lastLine)?.[1])).toBeGreaterThanOrEqual(PRODUCTS.length);

    const feeds = await run('rebuild', 'social-feed.timelines', ...asRita);
    expect(feeds.lastLine).toMatch(
      /^social-feed\.timelines is rebuilt from \d+ events, in [\d.]+ s( \(\d+ per second\))?$/,
    );

    const none = await run('rebuild', 'order.checkout', ...asRita);
    expect(none.status).toBe(1);
    expect(none.output).toContain('order.checkout is no projection that can be rebuilt: it takes orders on their way');
    expect(none.output).toContain('There are:\n  order.catalog\n  social-feed.profiles');
  }, 60_000);

  test('show what is parked, try it again and forget it', async () => {
    const { handle } = await signUp(system.api, 'Omar');
    const email = `${handle}@example.com`;
    const asOmar = ['--email', email, '--password', PASSWORD, '--url', system.api.url];
    await grantPlatform(email);
    await parkBroken();

    const groups = await run('events', 'groups', ...asOmar);
    expect(groups.output).toContain('1 events in 1 lines');
    const filter = /--service order --group order\.catalog --fingerprint \S+/.exec(groups.output)?.[0].split(' ') ?? [];
    const shown = await run('events', 'show', ...filter, ...asOmar);
    expect(shown.output).toContain('{"broken');
    const id = shown.output.split('\n')[0] ?? '';
    const counted = await run('events', 'replay', ...filter, '--dry-run', ...asOmar);
    expect(counted.lastLine).toMatch(/^1 events in 1 lines would be tried again/);
    const replayed = await run('events', 'replay', '--service', 'order', '--id', id, ...asOmar);
    expect(replayed.lastLine).toMatch(/^1 events in 1 lines are tried again/);
    await eventually(async () => {
      const { output } = await run('events', 'show', '--service', 'order', '--id', id, ...asOmar);
      expect(output).toContain('1 attempts since');
    }, LONG);
    // What it was parked with was made up; it failed in a way of its own now, with another fingerprint.
    const gone = await run('events', 'discard', '--service', 'order', '--group', 'order.catalog', ...asOmar);
    expect(gone.lastLine).toBe('1 events in 1 lines were discarded');
    const none = await run('events', 'replay', '--service', 'order', '--id', id, ...asOmar);
    expect(none).toMatchObject({ status: 0, lastLine: 'nothing that is parked fits the filter' });
  }, 120_000);

  test('play the scenario, on made-up input where the real one is missing', async () => {
    const played = await run('scenario', '--people', '4', '--orders', '6', '--url', system.api.url);
    expect(played.output).toContain('made-up data');
    expect(played.lastLine).toMatch(/^\d+ steps, \d+ events, all as expected$/);
    expect(played.status).toBe(0);
  }, 180_000);
});

test('a rebuild whose process is killed in the midst of it is made again by the next, to the same state', async () => {
  const catalog = Rebuilding.of(system, 'order.catalog');
  const collections = ['product_copies', 'stock_copies', 'merchant_copies'];
  const before = await catalog.documents(collections);
  expect(before.every((documents) => documents.length > 0)).toBe(true);
  const { generation, killedAt } = await catalog.struck();
  await system.restart();
  await eventually(async () => expect(await catalog.marker()).toMatchObject({ state: 'READY', generation }), LONG);
  // It was not done when the process died.
  expect((await catalog.marker())?.finishedAt?.getTime()).toBeGreaterThan(killedAt.getTime());
  await eventually(async () => expect(await catalog.documents(collections)).toEqual(before), LONG);
}, 180_000);
