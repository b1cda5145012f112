// All of Grapevine in one process, as `npm start` runs it, with data and ports of its own.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const ROOT = join(import.meta.dirname, '../..');
const MAIN = join(ROOT, 'dist/apps/platform/src/main.js');
const RECORDER = join(import.meta.dirname, 'record-writes.mjs');
const READY_WITHIN_MS = 60_000;

export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

export class Product {
  static async start({ variables = {}, execArgv = [] } = {}) {
    const folder = await mkdtemp(join(tmpdir(), 'grapevine-bench-'));
    const { KAFKA_BROKERS: _kafka, MONGODB_URI: _mongo, ...environment } = process.env;
    const env = {
      ...environment,
      DEMONSTRATION: 'off',
      LOG_LEVEL: 'error',
      DATA_DIR: join(folder, 'data'),
      PORT: String(await freePort()),
      ...variables,
    };
    const child = fork(MAIN, [], {
      cwd: ROOT,
      env,
      execArgv: ['--import', RECORDER, ...execArgv],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      serialization: 'advanced',
    });
    const product = new Product(folder, child, env);
    try {
      await product.ready();
    } catch (error) {
      await product.stop();
      throw error;
    }
    return product;
  }

  constructor(folder, child, env) {
    this.folder = folder;
    this.child = child;
    this.dataDir = env.DATA_DIR;
    this.url = `http://127.0.0.1:${env.PORT}`;
    // Whatever ends the bench ends this, too.
    process.once('exit', () => child.kill('SIGKILL'));
  }

  async ready() {
    const untilMs = Date.now() + READY_WITHIN_MS;
    while (
      !(await fetch(`${this.url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ))
    ) {
      if (this.child.exitCode !== null) throw new Error(`it ended with status ${this.child.exitCode}`);
      if (Date.now() > untilMs) throw new Error(`it was not ready within ${READY_WITHIN_MS} ms`);
      await pause(100);
    }
    const { kafkaBrokers, mongodbUri } = JSON.parse(await readFile(join(this.dataDir, 'runtime.json'), 'utf8'));
    Object.assign(this, { brokers: kafkaBrokers.split(','), mongodbUri });
  }

  /** All figures of the process, in Prometheus's text format. */
  async metrics() {
    return (await fetch(`${this.url}/metrics`)).text();
  }

  /** Every write that the process asks of the database while `work` runs. */
  async recordWrites(work) {
    this.child.send('record');
    await work();
    this.child.send('tell');
    const [writes] = await once(this.child, 'message');
    return writes;
  }

  /** As Ctrl-C does. Resolves with the exit status and how long it took. */
  async interrupt() {
    const sinceMs = performance.now();
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    const [status] = await ended;
    return { status, tookMs: performance.now() - sinceMs };
  }

  async stop() {
    if (this.child.exitCode === null && this.child.signalCode === null) await this.interrupt();
    await rm(this.folder, { recursive: true, force: true });
  }
}
