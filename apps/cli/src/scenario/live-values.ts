import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import type { z } from 'zod';
import type { ApiQuery } from '../api-operation.js';

/** What a subscription over graphql-ws has brought so far. */
export class LiveValues<Output> {
  readonly values: Output[] = [];
  /** Why it ended, if it did so by itself. */
  failure: string | undefined;
  private readonly client;
  private readonly end: () => void;

  constructor(url: string, { document, output }: ApiQuery<Output>, variables: Record<string, unknown>) {
    this.client = createClient({
      url: `${url.replace(/^http/, 'ws')}/graphql`,
      webSocketImpl: WebSocket,
    });
    this.end = this.client.subscribe(
      { query: document, variables },
      {
        next: ({ data, errors }) => this.take(output.safeParse(data), errors?.[0]?.message),
        error: (error) => {
          this.failure = JSON.stringify(error instanceof Error ? error.message : error);
        },
        complete: () => undefined,
      },
    );
  }

  async close(): Promise<void> {
    this.end();
    await this.client.dispose();
  }

  private take(read: z.ZodSafeParseResult<Output>, problem: string | undefined): void {
    if (read.success) this.values.push(read.data);
    else this.failure = problem ?? read.error.message;
  }
}
