import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { setImmediate as turnOfTheLoop } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, test } from '@jest/globals';
import { callHttp } from '#service-kit';

const servers: Server[] = [];
const workers: Worker[] = [];
afterEach(async () => {
  for (const worker of workers.splice(0)) await worker.terminate();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}

describe('an HTTP call', () => {
  test('sends headers and body, and gives status and body back, on one connection for several', async () => {
    const ports = new Set<number | undefined>();
    const url = await serve((request, response) => {
      ports.add(request.socket.remotePort);
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const seen = `${request.method} ${request.url} ${request.headers['idempotency-key']} `;
        response.writeHead(409).end(seen + Buffer.concat(chunks).toString());
      });
    });
    for (const body of ['{"name":"Zoë"}', 'other'])
      expect(
        await callHttp(`${url}/captures?key=a`, {
          method: 'POST',
          headers: { 'idempotency-key': 'one' },
          body,
          deadlineMs: 20_000,
        }),
      ).toEqual({ status: 409, body: `POST /captures?key=a one ${body}` });
    expect(ports.size).toBe(1);
  });

  test('follows no redirect', async () => {
    const url = await serve((_request, response) => response.writeHead(302, { location: '/elsewhere' }).end());
    expect(await callHttp(url, { deadlineMs: 20_000 })).toEqual({ status: 302, body: '' });
  });

  test('takes an answer that waits when the process gets time again, however late that is', async () => {
    const other = new Worker(
      `const { parentPort } = require('node:worker_threads');
       const server = require('node:http').createServer((_, response) => response.end('here'));
       server.listen(0, '127.0.0.1', () => parentPort.postMessage(server.address().port));`,
      { eval: true },
    );
    workers.push(other);
    const [port] = (await once(other, 'message')) as [number];
    const url = `http://127.0.0.1:${port}`;
    await callHttp(url, { deadlineMs: 20_000 });
    const answer = callHttp(url, { deadlineMs: 100 });
    await turnOfTheLoop();
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_000);
    await expect(answer).resolves.toEqual({ status: 200, body: 'here' });
  });

  test('fails where nothing comes in time, or only half of it', async () => {
    const silent = await serve(() => undefined);
    await expect(callHttp(silent, { deadlineMs: 50 })).rejects.toThrow();
    const slow = await serve((_request, response) => response.writeHead(200).write('half'));
    await expect(callHttp(slow, { deadlineMs: 300 })).rejects.toThrow();
    const broken = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '9' }).write('half', () => response.destroy());
    });
    await expect(callHttp(broken, { deadlineMs: 20_000 })).rejects.toThrow();
  });
});
