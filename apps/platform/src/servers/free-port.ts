import { createServer } from 'node:net';

const LAST_PORT = 65_535;
/** So many ports are tried in a row before the system may name one. */
const TRIES = 100;

/** Ports worth a try, in this order: where the data were served last, then from the usual one upwards. */
export function candidatePorts(usual: number, last: number | undefined): number[] {
  const upwards = Array.from({ length: TRIES }, (_, index) => usual + index).filter((port) => port <= LAST_PORT);
  return last === undefined ? upwards : [last, ...upwards.filter((port) => port !== last)];
}

/** The first that is free; undefined when none is. */
export async function firstFree(
  ports: readonly number[],
  isFree: (port: number) => Promise<boolean>,
): Promise<number | undefined> {
  for (const port of ports) if (await isFree(port)) return port;
  return undefined;
}

/** Whether this process could listen there now. */
export function isPortFree(port: number, host = '127.0.0.1'): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(false);
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** What listens on one of several ports. */
interface Listener<Server> {
  readonly candidates: readonly number[];
  /** Where it listens; 127.0.0.1 by default. */
  readonly host?: string | undefined;
  start(port: number): Promise<Server>;
  /** Whether `start` failed because the port was taken. */
  isTaken(error: unknown): boolean;
}

/** Starts something on the first candidate that it does not find taken. Errors: what it fails with otherwise. */
export async function startOnFreePort<Server>(listener: Listener<Server>): Promise<Server> {
  const { candidates, host } = listener;
  for (const port of candidates) {
    if (!(await isPortFree(port, host))) continue;
    try {
      return await listener.start(port);
    } catch (error) {
      // Somebody was quicker.
      if (!listener.isTaken(error)) throw error;
    }
  }
  return listener.start(0);
}
