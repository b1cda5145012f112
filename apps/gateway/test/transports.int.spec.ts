import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';
import { ViewerOfCaller } from '#contracts';
import { LIMITS } from '../src/graphql/limits.js';
import type { FakeServices } from './fake-services.js';
import { storyServices } from './story-services.js';
import { aGateway, type TestGateway } from './test-gateway.js';
import { tokenOf } from './tokens.js';

let services: FakeServices;
let gateway: TestGateway;
beforeEach(async () => {
  services = storyServices();
  gateway = await aGateway(services);
});
afterEach(() => gateway.close());

interface Told {
  readonly errors?: readonly { message: string; extensions?: { code?: string; id?: string } }[];
}

/** What an operation is answered with, over each transport that takes it. */
const TRANSPORTS: Readonly<Record<string, (query: string, token?: string) => Promise<Told>>> = {
  HTTP: async (query, token) => (await gateway.post(query, {}, token)).body,
  'server-sent events': async (query, token) => {
    const response = await fetch(`${gateway.url}/graphql/stream`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        ...(token ? { authorization: `Bearer ${token}` } : {}),
      },
      body: JSON.stringify({ query }),
    });
    const data = /^event: next\ndata: (.*)$/m.exec(await response.text())?.[1];
    return JSON.parse(data ?? '{}') as Told;
  },
  'graphql-ws': async (query, token) => {
    const socket = await open();
    const answer = answerTo(socket, query);
    const payload = token ? { authorization: `Bearer ${token}` } : {};
    socket.send(JSON.stringify({ type: 'connection_init', payload }));
    const told = await answer;
    socket.terminate();
    return told;
  },
};

async function open(): Promise<WebSocket> {
  const socket = new WebSocket(`${gateway.url.replace('http', 'ws')}/graphql`, 'graphql-transport-ws');
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
  return socket;
}

function answerTo(socket: WebSocket, query: string): Promise<Told> {
  return new Promise((resolve, reject) => {
    socket.on('message', (text: Buffer) => {
      const { type, payload } = JSON.parse(text.toString()) as { type: string; payload: Told & Told['errors'] };
      if (type === 'connection_ack') socket.send(JSON.stringify({ type: 'subscribe', id: '1', payload: { query } }));
      if (type === 'next') resolve(payload);
      if (type === 'error') resolve({ errors: payload });
    });
    socket.once('close', (code) => reject(new Error(`closed with ${code}`)));
  });
}

describe.each(Object.keys(TRANSPORTS))('over %s', (transport) => {
  const ask = (query: string, token?: string): Promise<Told> => TRANSPORTS[transport]!(query, token);
  const PAGES = 'products(first: 100) { nodes { reviews(first: 100) { nodes { product { title } } } } }';

  test.each([
    ['10,000 levels', `${'{ node '.repeat(10_000)}${'}'.repeat(10_000)}`],
    [
      'more levels than allowed',
      `{ viewer ${'{ profile { posts { nodes { author '.repeat(5)}{ id }${'} } } }'.repeat(5)} }`,
    ],
    [
      'too many aliases',
      `{ ${Array.from({ length: LIMITS.aliases + 1 }, (_, n) => `a${n}: viewer { id }`).join(' ')} }`,
    ],
    ['too many tokens', `{ ${'viewer '.repeat(LIMITS.tokens)} }`],
    ['too many objects', `{ ${PAGES} }`],
  ])('%s are OPERATION_TOO_COMPLEX, and no service is asked', async (_, query) => {
    const { errors } = await ask(query);

    expect(errors?.[0]?.extensions?.code).toBe('OPERATION_TOO_COMPLEX');
    expect(services.calls).toEqual([]);
  });

  test('a defect is INTERNAL with an id, and nothing else of it is told', async () => {
    services.on(ViewerOfCaller, () => {
      throw new TypeError('secret of the house');
    });

    const told = await ask('{ viewer { id } }', await tokenOf('ben'));

    const [error] = told.errors ?? [];
    expect(error?.extensions).toEqual({ code: 'INTERNAL', id: expect.stringMatching(/^request_/) });
    expect(JSON.stringify(told)).not.toMatch(/secret|\.ts|\.js|stack/);
    // Whoever runs the gateway finds it by the id.
    expect(gateway.log.join()).toContain(error?.extensions?.id);
    expect(gateway.log.join()).toContain('secret of the house');
  });
});

describe('10 MB', () => {
  const TEN_MB = 10 * 1024 * 1024;

  test.each(['/graphql', '/graphql/stream'])('to %s are PAYLOAD_TOO_LARGE', async (path) => {
    const { status, text } = await sendBytes(path, TEN_MB);

    expect(status).toBe(413);
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: 'PAYLOAD_TOO_LARGE' } }] });
  });

  test('in one message of a WebSocket end its connection, and no other', async () => {
    const other = await open();
    const socket = await open();
    const closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => undefined);
    socket.send('x'.repeat(TEN_MB));

    expect([1006, 1009]).toContain(await closed);
    expect(other.readyState).toBe(WebSocket.OPEN);
    other.terminate();
  });
});

/** Announces a body, sends a part of it, and reads the answer whenever that comes. */
function sendBytes(path: string, bytes: number): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': String(bytes) };
    const sending = request(`${gateway.url}${path}`, { method: 'POST', headers });
    sending.once('response', (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => (text += chunk.toString()));
      response.once('end', () => resolve({ status: response.statusCode, text }));
    });
    sending.once('error', reject);
    sending.write(Buffer.alloc(64 * 1024, ' '));
  });
}
