import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEmbeddedMongo, type EmbeddedMongo } from '#embedded-mongo';
import { isCi } from './config.js';

const hasClient = spawnSync('python3', ['-c', 'import pymongo']).status === 0;
// A skip in CI would hide that nobody else's client was ever tried.
const suite = hasClient || isCi() ? describe : describe.skip;
if (!hasClient) console.warn('pymongo is not installed: its test is skipped, and fails in CI');

suite('pymongo, which nobody here wrote,', () => {
  let folder: string;
  let server: EmbeddedMongo;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'embedded-mongo-'));
    server = await startEmbeddedMongo({ dataDir: folder });
  }, 60_000);

  afterAll(async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('writes, reads, indexes, aggregates and meets errors', async () => {
    const script = fileURLToPath(new URL('pymongo_client.py', import.meta.url));
    const { stdout } = await promisify(execFile)('python3', [script, server.uri]);
    expect(stdout.trim()).toBe('all done');
  });
});
