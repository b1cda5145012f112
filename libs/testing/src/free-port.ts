import { once } from 'node:events';
import { createServer } from 'node:net';

/** Below what systems give to outgoing connections: nobody takes one of these by chance before it is listened on. */
const [LOWEST, HIGHEST] = [15_000, 32_000];

/** A port of loopback that nobody listens on. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
