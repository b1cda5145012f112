import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

export interface HttpCall {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For all of it, the answer's body included. */
  readonly deadlineMs: number;
}
export interface HttpAnswer {
  /** As it is: nothing is followed. */
  readonly status: number;
  readonly body: string;
}

/** Sooner than servers hang up (Node.js after 5 s), so that no call meets a connection that is about to be closed. */
const IDLE_MS = 2_000;
const kept = { keepAlive: true, timeout: IDLE_MS };
const agents = { http: new HttpAgent(kept), https: new HttpsAgent(kept) };

/**
 * One call over HTTP, on connections that are kept. As `fetch`, which takes several times as much of the processor: that
 * counts where each order makes some calls. @throws when there is no answer in time.
 */
export function callHttp(
  url: string,
  { method = 'GET', headers = {}, body = '', deadlineMs }: HttpCall,
): Promise<HttpAnswer> {
  const isSecure = url.startsWith('https:');
  const request = isSecure ? requestHttps : requestHttp;
  const agent = isSecure ? agents.https : agents.http;
  const length = body === '' ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const options = { method, agent, headers: { ...headers, ...length }, signal: AbortSignal.timeout(deadlineMs) };
  return new Promise((resolve, reject) => {
    const asked = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
