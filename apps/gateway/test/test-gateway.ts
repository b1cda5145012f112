import { createLogger, loadConfig } from '#service-kit';
import { GatewayConfig } from '../src/config.js';
import { openGateway, type OpenGateway } from '../src/gateway.server.js';
import { ChangeFeed } from '../src/live/change-feed.js';
import type { FakeServices } from './fake-services.js';
import { testTokens } from './tokens.js';

export interface Answer {
  readonly status: number;
  readonly body: {
    // What a query answers is the test's to know.
    readonly data?: Record<string, never> | null;
    readonly errors?: { message: string; path?: (string | number)[]; extensions: { code: string; id?: string } }[];
  };
}

export interface TestGateway extends OpenGateway {
  readonly changes: ChangeFeed;
  /** What it logged, from warnings up. */
  readonly log: string[];
  post(query: string, variables?: Record<string, unknown>, token?: string): Promise<Answer>;
}

/** A gateway on a free port in front of services in memory. */
export async function aGateway(calls: FakeServices, variables: Record<string, string> = {}): Promise<TestGateway> {
  const changes = new ChangeFeed();
  const config = loadConfig(GatewayConfig, {
    KAFKA_BROKERS: '127.0.0.1:1',
    PORT: '0',
    STOREFRONT_URL: 'https://shop.example',
    CALL_DEADLINE_MS: '300',
    ...variables,
  });
  const log: string[] = [];
  const logger = createLogger('warn', { write: (line) => log.push(line) });
  const gateway = await openGateway({ config, logger, calls, tokens: testTokens, changes });
  const post = async (query: string, values: Record<string, unknown> = {}, token?: string): Promise<Answer> => {
    const response = await fetch(`${gateway.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token ? { authorization: `Bearer ${token}` } : {}) },
      body: JSON.stringify({ query, variables: values }),
    });
    return { status: response.status, body: (await response.json()) as Answer['body'] };
  };
  return { ...gateway, changes, log, post };
}
