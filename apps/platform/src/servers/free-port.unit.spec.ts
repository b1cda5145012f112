import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { afterEach, describe, expect, test } from '@jest/globals';
import { candidatePorts, firstFree, isPortFree, startOnFreePort } from './free-port.js';

const opened: Server[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

async function takenPort(host = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, host);
  opened.push(server);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

describe('the choice of a port', () => {
  test('begins where the data were served last, and goes on from the usual one', () => {
    expect(candidatePorts(9092, undefined).slice(0, 3)).toEqual([9092, 9093, 9094]);
    expect(candidatePorts(9092, 9093).slice(0, 3)).toEqual([9093, 9092, 9094]);
    expect(candidatePorts(65_534, undefined)).toEqual([65_534, 65_535]);
  });

  test('takes the first that is free', async () => {
    expect(await firstFree([1, 2, 3], (port) => Promise.resolve(port > 1))).toBe(2);
    expect(await firstFree([1], () => Promise.resolve(false))).toBeUndefined();
  });

  test('sees what others listen on', async () => {
    expect(await isPortFree(await takenPort())).toBe(false);
  });

  test('goes on when somebody else was quicker, and ends with any that is free', async () => {
    const tried: number[] = [];
    const start = (port: number): Promise<number> => {
      tried.push(port);
      return port === 0 ? Promise.resolve(port) : Promise.reject(new RangeError('taken'));
    };
    const taken = await takenPort();
    expect(await startOnFreePort({ candidates: [taken], start, isTaken: () => true })).toBe(0);
    expect(tried).toEqual([0]);
    const free = await takenPort();
    opened.pop()?.close();
    const isTaken = (error: unknown): boolean => error instanceof RangeError;
    await expect(startOnFreePort({ candidates: [free], start, isTaken })).resolves.toBe(0);
    await expect(startOnFreePort({ candidates: [free], start, isTaken: () => false })).rejects.toThrow('taken');
  });

  test('looks at the address where it is to listen', async () => {
    const elsewhere = await takenPort('127.0.0.2');
    const free = await takenPort();
    opened.pop()?.close();
    const start = (port: number): Promise<number> => Promise.resolve(port);
    const listener = { candidates: [elsewhere, free], start, isTaken: () => false };
    expect(await startOnFreePort({ ...listener, host: '127.0.0.2' })).toBe(free);
    expect(await startOnFreePort(listener)).toBe(elsewhere);
  });
});
