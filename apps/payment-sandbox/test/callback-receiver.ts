import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';

interface Received {
  readonly id: string;
  readonly state: string;
}

/** A shop that listens for callbacks, verifies them, and refuses the first few if told to. */
export async function startReceiver(secret: string, refuseFirst = 0) {
  const received: Received[] = [];
  let refusals = refuseFirst;
  const webhook = new Webhook(secret);
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const body = webhook.verify(Buffer.concat(chunks).toString(), headers) as { charge: { state: string } };
      refusals -= 1;
      if (refusals < 0) received.push({ id: headers['webhook-id'] ?? '', state: body.charge.state });
      response.writeHead(refusals >= 0 ? 503 : 204).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callbacks`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, received, close };
}
