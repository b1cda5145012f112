import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedKafka, type EmbeddedKafkaOptions, startEmbeddedKafka } from '../src/index.js';
import { createTopicsApi } from '../src/protocol/apis/create-topics.js';
import { WireClient } from './wire-client.js';

/** An embedded broker that a test starts, stops and starts again on the same data. */
export class OwnBroker {
  readonly #clients: WireClient[] = [];
  #running: EmbeddedKafka | undefined;

  private constructor(readonly dataDir: string) {}

  static async create(): Promise<OwnBroker> {
    return new OwnBroker(await mkdtemp(join(tmpdir(), 'embedded-kafka-')));
  }

  get running(): EmbeddedKafka {
    if (this.#running === undefined) throw new Error('the broker is not running');
    return this.#running;
  }

  async start(options: Partial<EmbeddedKafkaOptions> = {}): Promise<EmbeddedKafka> {
    this.#running = await startEmbeddedKafka({ dataDir: this.dataDir, ...options });
    return this.#running;
  }

  async wire(address = this.running.brokers): Promise<WireClient> {
    const client = await WireClient.connect(address);
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    await this.#running?.close();
    this.#running = undefined;
  }

  /** Ends everything and removes the data. */
  async remove(): Promise<void> {
    for (const client of this.#clients) await client.close();
    await this.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

export async function createTopic(
  client: WireClient,
  name: string,
  settings: { readonly partitionCount?: number; readonly configs?: Readonly<Record<string, string>> } = {},
): Promise<void> {
  const configs = Object.entries(settings.configs ?? {}).map(([key, value]) => ({ name: key, value }));
  const topic = { name, partitionCount: settings.partitionCount ?? 1, replicationFactor: 1, assignments: [], configs };
  const answer = await client.call(createTopicsApi, 3, { topics: [topic], timeoutMs: 10_000, validateOnly: false });
  const [outcome] = answer.topics;
  if (outcome?.errorCode !== 0) throw new Error(`${name}: ${outcome?.errorMessage}`);
}
