import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { DATA_FORMAT } from '../src/data/data-folder.policy.js';
import { Kafka, logLevel } from 'kafkajs';
import { candidatePorts, firstFree, isPortFree } from '../src/servers/free-port.js';
import { Program } from './support/program.js';

// Everything is loaded and started several times, on a machine that may be busy.
jest.setTimeout(180_000);

let folder: string;
let env: Readonly<Record<string, string>>;
const started: Program[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'grapevine-parts-'));
  env = { DATA_DIR: join(folder, 'data') };
});
afterAll(async () => {
  await Promise.all(started.filter(({ hasEnded }) => !hasEnded).map((program) => program.end('SIGKILL')));
  rmSync(folder, { recursive: true, force: true });
});

function run(name: string, more: Readonly<Record<string, string>>, ...args: string[]): Program {
  const program = Program.run(name, { ...env, ...more }, ...args);
  started.push(program);
  return program;
}

const runtime = (): unknown => JSON.parse(readFileSync(join(folder, 'data/runtime.json'), 'utf8'));

describe('the servers alone', () => {
  let servers: Program;

  test('print two variables and nothing else', async () => {
    servers = run('servers', {});
    await servers.says('MONGODB_URI=');
    expect(servers.stdout).toMatch(/^KAFKA_BROKERS=localhost:\d+\nMONGODB_URI=mongodb:\/\/127\.0\.0\.1:\d+\/\n$/);
    expect(servers.stderr).toContain('not for production');
  });

  test.each([
    { variable: 'SERVERS_KAFKA_HOST=127.0.0.1', host: '127.0.0.1', creates: true },
    { variable: 'SERVERS_AUTO_CREATE_TOPICS=off', host: 'localhost', creates: false },
  ])('serve other software as a new Apache Kafka does: $variable', async ({ variable, host, creates }) => {
    const [name = '', value = ''] = variable.split('=');
    const others = run('servers', { [name]: value, DATA_DIR: join(folder, `data-of-${host}`) });
    await others.says('MONGODB_URI=');
    const [, address = ''] = /^KAFKA_BROKERS=(.*)$/m.exec(others.stdout) ?? [];
    expect(address).toMatch(new RegExp(`^${host}:`));
    const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING, retry: { retries: 1 } });
    const producer = kafka.producer();
    await producer.connect();
    const sent = producer.send({ topic: 'nobody-made-it', messages: [{ value: 'a' }] });
    const [{ status }] = await Promise.allSettled([sent]);
    expect(status).toBe(creates ? 'fulfilled' : 'rejected');
    await producer.disconnect();
    expect(await others.end('SIGTERM')).toBe(0);
  });

  test('are found by a service that is started alone', async () => {
    const port = await firstFree(candidatePorts(4_800, undefined), isPortFree);
    const service = run('service', { GRAPEVINE_REPUTATION_URL: `tcp://127.0.0.1:${port}` }, 'reputation');
    await service.says('reputation is ready');
    expect(await service.end('SIGTERM')).toBe(0);
  });

  test('serve everything else that is started on the same data, and outlive it', async () => {
    const port = await firstFree(candidatePorts(4_850, undefined), isPortFree);
    const program = run('', { PORT: String(port), DEMONSTRATION: 'off' });
    await program.says('Ctrl-C stops it');
    const [kafkaBrokers, mongodbUri] = [...servers.stdout.matchAll(/=(.*)/g)].map(([, address]) => address);
    expect(runtime()).toMatchObject({ pid: program.pid, kafkaBrokers, mongodbUri });
    expect(await program.end('SIGTERM')).toBe(0);
    expect(runtime()).toMatchObject({ pid: servers.pid, kafkaBrokers, mongodbUri });
  });

  test('run once on the same data', async () => {
    const second = run('servers', {});
    expect(await second.status()).toBe(1);
    expect(second.stderr).toContain(`process ${servers.pid}`);
    expect(second.stdout).toBe('');
  });

  test('end within 10 s', async () => {
    expect(existsSync(join(folder, 'data/runtime.json'))).toBe(true);
    expect(await servers.end('SIGTERM')).toBe(0);
    expect(existsSync(join(folder, 'data/runtime.json'))).toBe(false);
  });
});

describe('what can not start says why', () => {
  const nowhere = { PORT: '0', WAIT_FOR_SERVERS_MS: '0', KAFKA_BROKERS: '127.0.0.1:1' };

  test.each([
    ['a broker that is not there', { ...nowhere }, 'There is no broker at 127.0.0.1:1 (KAFKA_BROKERS)'],
    [
      'a database that is not there',
      { ...nowhere, MONGODB_URI: 'mongodb://user:secret@127.0.0.1:1/' },
      'There is no database at mongodb://127.0.0.1:1/ (MONGODB_URI)',
    ],
  ])('%s', async (_, variables, message) => {
    const program = run('', variables);
    expect(await program.status()).toBe(1);
    expect(program.stderr).toContain(message);
    expect(program.stderr).not.toContain('    at ');
  });

  test('a broker that is something else', async () => {
    const other = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const program = run('', { ...nowhere, KAFKA_BROKERS: `127.0.0.1:${port}` });
    expect(await program.status()).toBe(1);
    expect(program.stderr).toContain(`There is no broker at 127.0.0.1:${port} (KAFKA_BROKERS)`);
    other.close();
  });

  test('data of another version', async () => {
    const dataDir = join(folder, 'newer');
    mkdirSync(dataDir);
    writeFileSync(
      join(dataDir, 'grapevine.json'),
      JSON.stringify({ format: DATA_FORMAT + 1, createdAt: '2030-01-01T00:00:00.000Z' }),
    );
    const program = run('', { DATA_DIR: dataDir });
    expect(await program.status()).toBe(1);
    expect(program.stderr).toContain('written by another version of Grapevine');
  });

  test('a service that there is not', async () => {
    const program = run('service', {}, 'warehouse');
    expect(await program.status()).toBe(1);
    expect(program.stderr).toMatch(/There is no warehouse.*order, social-feed/s);
  });
});
