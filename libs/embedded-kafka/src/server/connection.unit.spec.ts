import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from '#testing';
import { Gate } from './gate.js';
import { Listener } from './listener.js';
import type { Answer, Route } from './route.js';
import { Unread } from './unread.js';

const maxIdleMs = 500;
/** More than a socket's buffers take. */
const largeBytes = 64 * 1024 * 1024;
const asked = Buffer.from([0, 0, 0, 12, 0, 77, 0, 0, 0, 0, 0, 1, 0, 2, 0x6d, 0x65]);

describe('a connection', () => {
  let listener: Listener;
  let unread: Unread;
  let port: number;
  let answer: () => Promise<Answer>;
  const sockets: Socket[] = [];

  const client = async (): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1' });
    sockets.push(socket);
    socket.on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };

  beforeEach(async () => {
    answer = async () => (writer) => writer.int32(7);
    const route: Route = { key: 77, name: 'Test', minVersion: 0, maxVersion: 0, answer: () => answer() };
    unread = new Unread();
    const report = (error: unknown) => {
      throw error;
    };
    const options = { gate: new Gate(), maxFrameBytes: 1_000, maxIdleMs, unread, report };
    listener = new Listener({ ...options, routes: new Map([[77, route]]) });
    port = await listener.listen('127.0.0.1', 0);
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await listener.close();
  });

  test('on which nothing comes and goes for long is ended', async () => {
    const socket = await client();
    socket.resume();
    await once(socket, 'close');
  });

  test('whose client waits for an answer is kept, however long that takes', async () => {
    let give: (answer: Answer) => void = () => undefined;
    answer = () => new Promise((resolve) => (give = resolve));
    const [waiting, idle] = [await client(), await client()];
    waiting.write(asked);
    idle.resume();
    await once(idle, 'close');
    // As long once more.
    const another = await client();
    another.resume();
    await once(another, 'close');
    give((writer) => writer.int32(7));
    const [chunk] = (await once(waiting, 'data')) as [Buffer];
    expect(chunk.readInt32BE(8)).toBe(7);
  });

  test('whose client does not read is ended, and its answer is no longer kept', async () => {
    answer = async () => (writer) => writer.raw(Buffer.alloc(largeBytes));
    const socket = await client();
    socket.pause();
    socket.write(asked);
    await eventually(() => expect(unread.bytes).toBeGreaterThan(largeBytes));
    await eventually(() => expect(unread.bytes).toBe(0), { timeoutMs: 30_000 });
  });
});
