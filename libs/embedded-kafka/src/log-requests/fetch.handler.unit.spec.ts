import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { batchOfSize } from '../../test/batches.js';
import { FakeClock } from '../../test/fake-clock.js';
import { TemporaryLog } from '../../test/temporary-log.js';
import { fetchApi } from '../protocol/apis/fetch.js';
import { Reader } from '../protocol/reader.js';
import { Writer } from '../protocol/writer.js';
import { Unread } from '../server/unread.js';
import { systemClock } from '../clock.js';
import { readHeader } from '../log/record-batch.js';
import { Topics } from '../topics/topics.js';
import { FetchWaits } from './fetch-waits.js';
import { fetchRoute } from './fetch.handler.js';

const version = 4;
const muchBytes = 200 * 1024 * 1024;

let log: TemporaryLog;
beforeEach(() => {
  log = new TemporaryLog();
});
afterEach(() => log.remove());

test('while many answers lie unread, one holds no more than has to be in it', async () => {
  const topics = new Topics(log.storage, log.commits, systemClock);
  await topics.create('t', 2, {});
  const unread = new Unread();
  const fetch = fetchRoute({ topics, fetchWaits: new FetchWaits(new FakeClock()), unread });
  for (const { partitions } of topics.all()) {
    for (const partition of partitions) {
      for (let count = 0; count < 3; count += 1) {
        const batch = batchOfSize(2);
        await log.commits.submit((writes) => partition.prepareAppend(writes, batch, readHeader(batch), Date.now()));
      }
    }
  }
  const read = async (): Promise<number[]> => {
    const partition = { currentLeaderEpoch: -1, fetchOffset: 0, lastFetchedEpoch: -1, logStartOffset: -1 };
    const partitions = [0, 1].map((index) => ({ ...partition, index, maxBytes: 1_000_000 }));
    const request = new Writer();
    fetchApi.request.write(
      request,
      {
        replicaId: -1,
        maxWaitMs: 0,
        minBytes: 1,
        maxBytes: 10_000_000,
        isolationLevel: 0,
        sessionId: 0,
        sessionEpoch: -1,
        topics: [{ name: 't', partitions }],
        forgotten: [],
        rackId: '',
      },
      version,
    );
    const context = { version, clientId: 'c', clientHost: '127.0.0.1' };
    const answer = await fetch.answer(new Reader(Buffer.concat(request.finish())), context);
    const written = new Writer();
    answer?.(written);
    const { topics: answers } = fetchApi.response.read(new Reader(Buffer.concat(written.finish())), version);
    return answers.flatMap(({ partitions: parts }) => parts.map(({ records }) => Buffer.concat(records).length));
  };

  const whole = 3 * batchOfSize(2).length;
  expect(await read()).toEqual([whole, whole]);
  let release = (): void => undefined;
  const held = unread.hold(muchBytes, new Promise((resolve) => (release = resolve)));
  expect(await read()).toEqual([batchOfSize(2).length, 0]);
  release();
  await held;
  expect(await read()).toEqual([whole, whole]);
});
