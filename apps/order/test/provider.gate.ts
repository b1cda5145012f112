import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Where = 'request' | 'answer';
interface Hold {
  readonly path: string;
  readonly where: Where;
  reached(): void;
}

/** Stands between the order service and the provider, so that a test can stop a call on its way there or back. */
export class ProviderGate {
  /** What has passed, `POST /captures`. */
  readonly passed: string[] = [];
  /** Paths (and all below them) that hang up. */
  readonly shut = new Set<string>();
  /** Nothing is answered: the calls do not get there, or they do and their answers are lost. */
  hangs: Where | undefined;
  /** Calls that have come. */
  asked = 0;
  underWay = 0;
  mostUnderWay = 0;
  /** Whether the provider learns where to call back. */
  tellsCallbacks = true;
  private hold: Hold | undefined;
  private readonly server: Server;

  constructor(private readonly upstream: () => string) {
    this.server = createServer((request, response) => {
      this.pass(request, response).catch(() => response.destroy());
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The next call of that path gets no further, or its answer does not. Resolves when it is there. */
  holdNext(path: string, where: Where): Promise<void> {
    return new Promise((reached) => {
      this.hold = { path, where, reached };
    });
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.count(response);
    const path = request.url?.split('?')[0] ?? '';
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if ([...this.shut].some((start) => path.startsWith(start))) return void response.destroy();
    if (this.hangs === 'request' || this.isHeld(path, 'request')) return;
    const answer = await this.forward(request, response, Buffer.concat(chunks));
    this.passed.push(`${request.method} ${path}`);
    if (this.hangs === 'answer' || this.isHeld(path, 'answer')) return;
    response.writeHead(answer.status, { 'content-type': 'application/json' }).end(await answer.text());
  }

  private count(response: ServerResponse): void {
    this.asked += 1;
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.mostUnderWay, this.underWay);
    response.once('close', () => (this.underWay -= 1));
  }

  /** As a network does that loses it: no answer. */
  private isHeld(path: string, where: Where): boolean {
    const { hold } = this;
    if (hold?.path !== path || hold.where !== where) return false;
    this.hold = undefined;
    hold.reached();
    return true;
  }

  private forward(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<Response> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const names = ['content-type', 'idempotency-key', ...(this.tellsCallbacks ? ['callback-url'] : [])];
    const headers = names.flatMap((name): [string, string][] => {
      const value = request.headers[name];
      return typeof value === 'string' ? [[name, value]] : [];
    });
    const { method = 'GET' } = request;
    const content = method === 'GET' ? {} : { body };
    return fetch(`${this.upstream()}${request.url}`, { method, headers, signal: gone.signal, ...content });
  }
}
