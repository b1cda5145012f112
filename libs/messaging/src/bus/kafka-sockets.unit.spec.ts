import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { Kafka, logLevel, type ISocketFactory } from 'kafkajs';
import { KafkaSockets } from './kafka-sockets.js';

describe('the sockets of a Kafka client', () => {
  let server: Server;
  let accepted: Socket[];
  let sockets: KafkaSockets;
  let client: Socket;

  beforeEach(async () => {
    accepted = [];
    server = createServer((socket) => accepted.push(socket.resume())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    sockets = new KafkaSockets();
    client = newSocket();
    await once(client, 'connect');
  });
  afterEach(() => {
    client.destroy();
    for (const socket of accepted) socket.destroy();
    server.close();
  });

  const port = (): number => (server.address() as AddressInfo).port;
  const newSocket = (): Socket =>
    sockets.factory({ host: '127.0.0.1', port: port(), ssl: {}, onConnect: () => undefined });

  test('that was forgotten is closed, and its owner told', async () => {
    const told = once(client, 'error');

    sockets.close();

    await expect(told).resolves.toMatchObject([{ message: 'the Kafka client is closed' }]);
    expect(client.destroyed).toBe(true);
  });

  test('that was ended is left to end', async () => {
    client.end();

    sockets.close();

    await once(client, 'close');
    expect(client.errored).toBeNull();
  });

  test('is not made any more', () => {
    sockets.close();
    client.on('error', () => undefined);

    expect(newSocket).toThrow('the Kafka client is closed');
  });

  test('is given up by kafkajs with the timer of its connection', async () => {
    client.destroy();
    const asked = new Promise<void>((resolve) =>
      server.once('connection', (socket) => socket.once('data', () => resolve())),
    );
    const admin = kafkaThrough(sockets.factory).admin();
    const before = timers();
    const connecting = expect(admin.connect()).rejects.toThrow('the Kafka client is closed');
    // Nobody answers it.
    await asked;
    expect(timers()).toBeGreaterThan(before);

    sockets.close();

    await connecting;
    expect(timers()).toBe(before);
  });

  const kafkaThrough = (socketFactory: ISocketFactory): Kafka =>
    new Kafka({
      brokers: [`127.0.0.1:${port()}`],
      retry: { retries: 0 },
      socketFactory,
      logLevel: logLevel.NOTHING,
    });
});

const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
