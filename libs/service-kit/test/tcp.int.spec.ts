import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, test } from '@jest/globals';
import type { OperationHost, OperationRequest } from '../src/operation-registry.js';
import { ServiceUnavailableError } from '../src/service-errors.js';
import { TcpChannel } from '../src/tcp-channel.js';
import { AddressError, TcpIntake } from '../src/tcp-intake.js';
import { freePort } from '#testing';

const request = (input: unknown, token?: string): OperationRequest => ({
  operation: 'catalog.echo',
  input,
  requestId: 'request_1',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  deadlineAt: new Date(Date.now() + 20_000),
  ...(token ? { token } : {}),
});

/** Answers when it is told to. */
class Host implements OperationHost {
  readonly asked: OperationRequest[] = [];
  private readonly held: (() => void)[] = [];

  async dispatch(asked: OperationRequest): Promise<unknown> {
    this.asked.push(asked);
    if (asked.input === 'hold') await new Promise<void>((resolve) => this.held.push(resolve));
    return { input: asked.input, token: asked.token ?? null };
  }
  release(): void {
    for (const resolve of this.held) resolve();
  }
}

/** Counts the requests that go through it. */
async function countingProxy(port: number): Promise<{ port: number; requests(): number; server: Server }> {
  let sent = '';
  const server = createServer((client: Socket) => {
    const onward = connect(port, '127.0.0.1');
    client.on('data', (data) => (sent += String(data)));
    client.pipe(onward).pipe(client);
    for (const socket of [client, onward]) socket.on('error', () => socket.destroy());
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const requests = (): number => sent.split('"pattern":"operations"').length - 1;
  return { port: (server.address() as AddressInfo).port, requests, server };
}

describe('calls between processes', () => {
  const closers: (() => unknown)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).toReversed()) await close();
  });

  async function listen(host: OperationHost, port: number): Promise<TcpIntake> {
    const intake = new TcpIntake(host, { host: '127.0.0.1', port });
    await intake.listen();
    closers.push(() => intake.close());
    return intake;
  }
  function channelTo(port: number): TcpChannel {
    const channel = new TcpChannel('catalog', { host: '127.0.0.1', port });
    closers.push(() => channel.close());
    return channel;
  }

  test('of one tick are one request, each with its own token', async () => {
    const port = await freePort();
    await listen(new Host(), port);
    const proxy = await countingProxy(port);
    closers.push(() => proxy.server.close());
    const channel = channelTo(proxy.port);
    const numbers = Array.from({ length: 30 }, (_, index) => index);
    const answers = await Promise.all(numbers.map((number) => channel.dispatch(request(number, `token ${number}`))));
    expect(answers).toEqual(numbers.map((number) => ({ input: number, token: `token ${number}` })));
    expect(proxy.requests()).toBe(1);
    await channel.dispatch(request('next'));
    expect(proxy.requests()).toBe(2);
  });

  test('do not wait for a slow one of the same tick', async () => {
    const host = new Host();
    const port = await freePort();
    await listen(host, port);
    const channel = channelTo(port);
    const slow = channel.dispatch(request('hold'));
    await expect(channel.dispatch(request('quick'))).resolves.toHaveProperty('input', 'quick');
    host.release();
    await expect(slow).resolves.toHaveProperty('input', 'hold');
  });

  test('fail while the other side is down and go on when it is back', async () => {
    const port = await freePort();
    const channel = channelTo(port);
    await expect(channel.dispatch(request(1))).rejects.toBeInstanceOf(ServiceUnavailableError);
    const first = await listen(new Host(), port);
    await expect(channel.dispatch(request(2))).resolves.toHaveProperty('input', 2);
    await first.close();
    await expect(channel.dispatch(request(3))).rejects.toBeInstanceOf(ServiceUnavailableError);
    await listen(new Host(), port);
    await expect(channel.dispatch(request(4))).resolves.toHaveProperty('input', 4);
  });

  test('fail when the other side goes away before it has answered', async () => {
    const host = new Host();
    const port = await freePort();
    const intake = await listen(host, port);
    const channel = channelTo(port);
    const held = channel.dispatch(request('hold'));
    const outcome = expect(held).rejects.toBeInstanceOf(ServiceUnavailableError);
    while (host.asked.length === 0) await pause(1);
    await intake.close();
    await outcome;
    host.release();
  });

  test('nonsense on the port breaks nothing', async () => {
    const port = await freePort();
    await listen(new Host(), port);
    for (const nonsense of ['GET / HTTP/1.1\r\n\r\n', '5#12345', '999999999999#x', '2#{}', '{"entries":1}']) {
      const socket = connect(port, '127.0.0.1');
      socket.on('error', () => undefined);
      socket.end(nonsense);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    const text = JSON.stringify({ pattern: 'operations', id: 'x', data: { entries: [null, { operation: 7 }] } });
    const socket = connect(port, '127.0.0.1');
    socket.write(`${text.length}#${text}`);
    await new Promise((resolve) => socket.once('data', resolve));
    socket.destroy();
    await expect(channelTo(port).dispatch(request(1))).resolves.toHaveProperty('input', 1);
  });

  test('a port that is taken is said to be', async () => {
    const port = await freePort();
    await listen(new Host(), port);
    const second = new TcpIntake(new Host(), { host: '127.0.0.1', port });
    await expect(second.listen()).rejects.toBeInstanceOf(AddressError);
  });
});
