import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CutOff {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * Stands before the API and passes requests on; after so many mutations the answers are withheld, as when the client
 * dies after sending: the mutation that reached the API is done, and nobody hears of it.
 */
export async function cutOffAfter(api: string, mutations: number): Promise<CutOff> {
  let passed = 0;
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      passed += body.includes('mutation') ? 1 : 0;
      const isLost = passed > mutations;
      const headers = { 'content-type': 'application/json', authorization: request.headers.authorization ?? '' };
      void fetch(`${api}${request.url ?? ''}`, { method: 'POST', headers: withoutEmpty(headers), body }).then(
        async (answer) => response.end(isLost ? LOST : await answer.text()),
        () => response.destroy(),
      );
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A failure that clients do not try again. */
const LOST = JSON.stringify({ errors: [{ message: 'lost', extensions: { code: 'FORBIDDEN' } }] });

const withoutEmpty = (headers: Record<string, string>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== ''));
