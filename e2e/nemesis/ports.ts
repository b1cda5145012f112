import { once } from 'node:events';
import { connect } from 'node:net';
import { freePort } from '#testing';

/** So many different ports of loopback: what is killed must find its own free when it comes back. */
export async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freePort());
  return ports;
}

/** @throws when nobody listens there. */
export async function probePort(port: number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}
