import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { processMetrics } from './process-metrics.js';
import { allLive, allReady, type HealthReport } from './service-health.js';

/** `GET /metrics`, `/livez` and `/readyz` of a process that has no other HTTP server: a service in the split shape. */
export class StatusServer {
  private readonly server: Server;

  constructor(private readonly health: () => Promise<HealthReport>) {
    this.server = createServer((request, response) => {
      this.answer(request.url ?? '', response).catch((error: unknown) => response.destroy(error as Error));
    });
  }

  /** Errors: EADDRINUSE. Returns the port. */
  async listen(address: { readonly host: string; readonly port: number }): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(address.port, address.host, resolve);
    });
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async answer(url: string, response: ServerResponse): Promise<void> {
    if (url === '/metrics') {
      const { contentType, body } = await processMetrics();
      response.writeHead(200, { 'content-type': contentType }).end(body);
    } else if (url === '/livez' || url === '/readyz') {
      const report = await this.health();
      const isGood = url === '/livez' ? allLive(report) : allReady(report);
      response.writeHead(isGood ? 200 : 503, { 'content-type': 'application/json' }).end(JSON.stringify(report));
    } else response.writeHead(404).end();
  }
}
