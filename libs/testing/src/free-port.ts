import { once } from 'node:events';
import { createServer } from 'node:net';
import { workerNumber } from './config.js';

/**
 * Below what systems give to outgoing connections, so that nobody takes one of these by chance before it is listened on,
 * or while the process that it belongs to is killed and started again. Port 0 gives no such port.
 */
const [LOWEST, HIGHEST] = [15_000, 27_000];
/** Test files that run at the same time take turns of their own. */
const LANES = 16;
const given = new Set<number>();

/** A port of loopback that nobody listens on, and that nobody else was given. */
export async function freePort(): Promise<number> {
  for (;;) {
    const turn = Math.floor((Math.random() * (HIGHEST - LOWEST)) / LANES);
    const port = LOWEST + turn * LANES + (workerNumber() % LANES);
    if (given.has(port) || !(await isFree(port))) continue;
    given.add(port);
    return port;
  }
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1');
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
