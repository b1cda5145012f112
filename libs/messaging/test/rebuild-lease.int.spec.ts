import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { connectDatabase, databaseName, LeaseStore } from '#persistence';
import { eventually, startTestServers, type TestServers } from '#testing';
import { ProjectionMarkers, silentLogger } from '#messaging';
import { rebuildUnderLease } from '../src/state/rebuild-lease.js';

const NAME = 'reader.counters';
const DONE = { done: 1, total: 1 };

let servers: TestServers;
let connection: Connection;
beforeAll(async () => {
  servers = await startTestServers();
  connection = await connectDatabase({ uri: servers.mongodbUri, name: databaseName(servers.namespace, 'reader') });
});
afterAll(async () => {
  await connection.close();
  await servers.stop();
});

test('an instance that lost its lease marks nothing as ready that another has begun to make anew', async () => {
  const markers = new ProjectionMarkers(connection);
  const leases = new LeaseStore(connection);
  await markers.begin(NAME, 'REBUILDING');
  const stateOf = async () => (await markers.find(NAME))?.state;
  let taken = 0;
  const frozen = {
    acquire: (...given: Parameters<LeaseStore['acquire']>) =>
      taken++ === 0 ? leases.acquire(...given) : Promise.reject(new Error('the process is frozen')),
    release: () => Promise.resolve(),
  };
  const late = work(markers, frozen, 'late');
  await late.begun;
  const next = work(markers, leases, 'next');
  await next.begun;
  late.end();
  await late.over;
  expect(await stateOf()).toBe('REBUILDING');
  next.end();
  await next.over;
  expect(await stateOf()).toBe('READY');
});

/** Begins as soon as the lease is free, and ends when it is told to. */
function work(markers: ProjectionMarkers, leases: Pick<LeaseStore, 'acquire' | 'release'>, instance: string) {
  let begin: () => void = () => undefined;
  let end: () => void = () => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const ended = new Promise<void>((resolve) => (end = resolve));
  const options = { name: NAME, markers, leases, instance, logger: silentLogger, leaseMs: 1_000, reportMs: 500 };
  const over = eventually(async () => {
    const isDone = await rebuildUnderLease(options, 1, new AbortController().signal, async () => {
      begin();
      await ended;
      return DONE;
    });
    expect(isDone).toBe(true);
  });
  return { begun, end, over };
}
