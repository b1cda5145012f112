import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  DataLockedError,
  DataVersionError,
  HostNotLoopbackError,
  PortTakenError,
  startEmbeddedKafka,
} from '../src/index.js';
import { apiVersionsApi } from '../src/protocol/apis/api-versions.js';
import { ErrorCode } from '../src/protocol/error-code.js';
import { metadataApi } from '../src/protocol/apis/metadata.js';
import { batchOfSize } from './batches.js';
import { createTopic, OwnBroker } from './own-broker.js';
import { askForMetadata, askForVersions, fetch, produce } from './requests.js';

/** Those of them that this machine has. */
const addressesOfLocalhost = ['127.0.0.1', '::1'].filter((address) =>
  Object.values(networkInterfaces()).some((all) => all?.some((one) => one.address === address)),
);

describe('starting and stopping the embedded broker', () => {
  let broker: OwnBroker;
  beforeEach(async () => {
    broker = await OwnBroker.create();
  });
  afterEach(() => broker.remove());

  test('it listens on loopback only', async () => {
    for (const host of ['0.0.0.0', '::', 'example.com', '10.0.0.1']) {
      await expect(broker.start({ host })).rejects.toBeInstanceOf(HostNotLoopbackError);
    }
    const { brokers, notice } = await broker.start({ host: 'localhost' });
    expect(brokers).toMatch(/^localhost:\d+$/);
    expect(notice).toContain('not for production');
  });

  test.each(addressesOfLocalhost)('as localhost it listens at %s', async (address) => {
    const { port } = await broker.start({ host: 'localhost' });
    const socket = connect({ host: address, port });
    await once(socket, 'connect');
    socket.destroy();
    await broker.stop();
    const other = createServer();
    other.listen(port, address);
    await once(other, 'listening');
    await expect(broker.start({ host: 'localhost', port })).rejects.toEqual(new PortTakenError(port));
    other.close();
    await once(other, 'close');
  });

  test('a port that is taken is named, and the data is free afterwards', async () => {
    const other = createServer();
    other.listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(broker.start({ port })).rejects.toEqual(new PortTakenError(port));
    other.close();
    await once(other, 'close');
    expect((await broker.start({ port })).port).toBe(port);
  });

  test('a folder has one broker at a time, also from another process', async () => {
    await broker.start();
    await expect(startEmbeddedKafka({ dataDir: broker.dataDir })).rejects.toBeInstanceOf(DataLockedError);
    await broker.stop();
    const [script, start] = ['./broker.process.mjs', '../../../dist/libs/embedded-kafka/src/index.js'].map(
      (path) => new URL(path, import.meta.url),
    );
    const args = [script?.pathname ?? '', start?.href ?? '', broker.dataDir];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await expect(broker.start()).rejects.toEqual(new DataLockedError(broker.dataDir, child.pid ?? 0));
    // A killed process leaves its mark behind, which does not count.
    child.kill('SIGKILL');
    await once(child, 'exit');
    await broker.start();
  });

  test('data of another kind is refused, not overwritten', async () => {
    mkdirSync(broker.dataDir, { recursive: true });
    writeFileSync(join(broker.dataDir, 'kafka.mdb'), Buffer.alloc(16_384, 7));
    await expect(broker.start()).rejects.toBeInstanceOf(DataVersionError);
  });

  test('topics that clients ask for are created only where the broker and the client allow it', async () => {
    const asked = async (topic: string, mayCreate: boolean) => {
      const { topics } = await (await broker.wire()).call(metadataApi, 9, askForMetadata(topic, mayCreate));
      return [topics[0]?.errorCode, topics[0]?.partitions.length];
    };
    await broker.start();
    expect(await asked('t', true)).toEqual([ErrorCode.unknownTopicOrPartition, 0]);
    await broker.stop();
    await broker.start({ autoCreateTopics: true, partitions: 3 });
    expect(await asked('t', false)).toEqual([ErrorCode.unknownTopicOrPartition, 0]);
    expect(await asked('no/slash', true)).toEqual([ErrorCode.invalidTopic, 0]);
    expect(await Promise.all([asked('t', true), asked('t', true)])).toEqual([0, 1].map(() => [0, 3]));
  });

  test('it advertises exactly the versions that it speaks, from 0 on', async () => {
    await broker.start();
    const { apiKeys } = await (await broker.wire()).call(apiVersionsApi, 2, askForVersions);
    const advertised = apiKeys.map(({ apiKey, minVersion, maxVersion }) => `${apiKey}: ${minVersion}-${maxVersion}`);
    expect(advertised.join(', ')).toBe(
      '0: 0-9, 1: 0-12, 2: 0-10, 3: 0-9, 8: 0-8, 9: 0-8, 10: 0-4, 11: 0-8, 12: 0-4, 13: 0-5, 14: 0-5, 15: 0-6, ' +
        '16: 0-5, 18: 0-4, 19: 0-7, 20: 0-6, 21: 0-2, 22: 0-4, 23: 0-4, 29: 0-3, 30: 0-3, 31: 0-3, 32: 0-4, 33: 0-2, ' +
        '34: 0-2, 35: 0-4, 37: 0-3, 42: 0-2, 43: 0-2, 44: 0-1, 45: 0-0, 46: 0-0, 47: 0-0, 48: 0-1, 50: 0-0, 55: 0-1, ' +
        '60: 0-2, 61: 0-0, 65: 0-0, 66: 0-2, 74: 0-1, 75: 0-0',
    );
  });

  test('while it is paused nothing is answered; afterwards everything is', async () => {
    await broker.start();
    const client = await broker.wire();
    await createTopic(client, 't');
    await broker.running.pause();
    const late = await broker.wire();
    let answers = 0;
    const pending = [client.call(metadataApi, 1, askForMetadata('t')), produce(late, 't', batchOfSize(2))].map(
      (answer) => answer.finally(() => (answers += 1)),
    );
    // Both requests have reached the broker's process by the time that these two commands came back.
    await broker.running.pause();
    await broker.running.pause();
    expect(answers).toBe(0);
    await broker.running.resume();
    await Promise.all(pending);
    expect((await fetch(client, 't', 0)).highWatermark).toBe(2);
  });

  test('it ends although consumers wait, and although it is paused', async () => {
    await broker.start();
    const client = await broker.wire();
    await createTopic(client, 't');
    const poll = fetch(client, 't', 0, { maxWaitMs: 60_000 });
    await broker.stop();
    // Answered with nothing, or cut off where the request had not been read yet.
    await Promise.allSettled([poll]);
    await client.closed;
    await broker.start();
    await broker.running.pause();
    const unanswered = (await broker.wire()).call(apiVersionsApi, 2, askForVersions);
    await broker.stop();
    await expect(unanswered).rejects.toThrow('closed the connection');
    await broker.start();
  });
});
