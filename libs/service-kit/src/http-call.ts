import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent as HttpsAgent, request as requestHttps } from 'node:https';

export interface HttpCall {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** For all of it, the answer's body included. Longer where this process itself gets no time to hear of an answer. */
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

/** Parts of a deadline, each of which is a turn of the event loop at least. */
const TURNS = 4;

/**
 * Calls back when the time is over, but not before the event loop has turned some times: a process that got no time of
 * the processor for so long finds timers due first, and the answer that has waited for it in the socket after them.
 */
function afterTurns(ms: number, callback: () => void): () => void {
  let left = TURNS;
  const next = (): NodeJS.Timeout =>
    setTimeout(() => {
      left -= 1;
      if (left > 0) timer = next();
      else setImmediate(callback);
    }, ms / TURNS);
  let timer = next();
  return () => clearTimeout(timer);
}

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
  const options = { method, agent, headers: { ...headers, ...length } };
  let stop = (): void => undefined;
  const answered = new Promise<HttpAnswer>((resolve, reject) => {
    const asked = request(url, options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString() }));
    });
    asked.on('error', reject);
    asked.end(body);
    stop = afterTurns(deadlineMs, () => asked.destroy(new Error(`no answer within ${deadlineMs} ms`)));
  });
  return answered.finally(() => stop());
}
