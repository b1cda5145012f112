import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import { freePort } from '#testing';
import { openDataFolder } from '../src/data/data-folder.js';
import { Runtime } from '../src/data/runtime-file.js';
import { rememberPorts } from '../src/servers/remembered-ports.js';
import { Program } from './support/program.js';

// Everything is loaded and started several times, on a machine that may be busy.
jest.setTimeout(180_000);

let folder: string;
let env: Readonly<Record<string, string>>;
let port: number;
let running: Program | undefined;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'grapevine-launch-'));
  port = await freePort();
  // The usual ones would be taken by what other tests start, while this one is killed and started again.
  const ports = { kafka: await freePort(), mongo: await freePort(), paymentSandbox: await freePort() };
  rememberPorts(openDataFolder(join(folder, 'data'), new Date()), ports);
  env = { DATA_DIR: join(folder, 'data'), PORT: String(port), DEMONSTRATION: 'off' };
});
afterAll(async () => {
  if (running && !running.hasEnded) await running.end('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

const runtimeFile = (): string => join(folder, 'data/runtime.json');
const runtime = (): Runtime => Runtime.parse(JSON.parse(readFileSync(runtimeFile(), 'utf8')));

async function start(): Promise<Program> {
  running = Program.run('', env);
  await running.says('Ctrl-C stops it');
  return running;
}

describe('everything with one command', () => {
  let first: Runtime;

  test('is up, and says where', async () => {
    const program = await start();
    first = runtime();
    expect(first).toMatchObject({ url: `http://127.0.0.1:${port}`, namespace: '', pid: program.pid });
    expect(program.stdout).toContain(`kcat -b ${first.kafkaBrokers}`);
    expect(program.stdout).toContain('not for production');
    const answer = await fetch(`${first.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: '{ profiles(query: "nobody") { nodes { id } } }' }),
    });
    expect(await answer.json()).toEqual({ data: { profiles: { nodes: [] } } });
    expect((await fetch(`${first.paymentSandboxUrl}/books`)).status).toBe(200);
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  });

  test('a second one on the same data is refused, and told where the first is', async () => {
    const second = Program.run('', { ...env, PORT: '0' });
    expect(await second.status()).toBe(1);
    expect(second.stderr).toContain(`already runs on ${join(folder, 'data')}: process ${running?.pid}, ${first.url}`);
  });

  test('a second one on the same port is refused, and told which is free', async () => {
    const other = join(folder, 'other');
    const second = Program.run('', { ...env, DATA_DIR: other });
    expect(await second.status()).toBe(1);
    expect(second.stderr).toMatch(new RegExp(`Port ${port} is taken .* PORT=\\d+ DATA_DIR=${other} npm start`));
  });

  test('its data can not be deleted under it', async () => {
    const reset = Program.run('reset', env, '--yes');
    expect(await reset.status()).toBe(1);
    expect(reset.stderr).toContain('Stop it first');
  });

  test('after a kill -9 it starts again on the same ports, whatever was left', async () => {
    await running?.end('SIGKILL');
    expect(existsSync(runtimeFile())).toBe(true);
    const program = await start();
    const { pid, bornAt: _, startedAt: __, ...addresses } = runtime();
    expect(pid).toBe(program.pid);
    expect(addresses).toEqual({
      url: first.url,
      kafkaBrokers: first.kafkaBrokers,
      mongodbUri: first.mongodbUri,
      namespace: '',
      paymentSandboxUrl: first.paymentSandboxUrl,
    });
    expect((await fetch(`${first.url}/readyz`)).status).toBe(200);
  });

  test('Ctrl-C ends it within 10 s and leaves no runtime.json, even if nobody reads its last words', async () => {
    running?.hangUp();
    const since = Date.now();
    expect(await running?.end('SIGINT')).toBe(0);
    expect(Date.now() - since).toBeLessThan(10_000);
    expect(existsSync(runtimeFile())).toBe(false);
  });

  test('a reset asks, and deletes when told to', async () => {
    const asking = Program.run('reset', env);
    expect(await asking.status()).toBe(1);
    expect(asking.stderr).toContain('--yes');
    expect(existsSync(join(folder, 'data/kafka'))).toBe(true);
    expect(await Program.run('reset', env, '--yes').status()).toBe(0);
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });
});
