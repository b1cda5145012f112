import { setTimeout as pause } from 'node:timers/promises';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, freePort, startTestServers, type TestServers } from '#testing';
import { Api } from './api.js';
import { inheritedEnvironment } from './config.js';
import { Program } from './process.js';

/** All of Grapevine, running as its user runs it. */
export interface System {
  readonly api: Api;
  readonly sandboxUrl: string;
  /** Where its events are. */
  readonly servers: Pick<TestServers, 'kafkaBrokers' | 'namespace'>;
  stop(): Promise<void>;
}

export const STOREFRONT_URL = 'http://shop.example';
const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 10_000;
const ROOT = join(import.meta.dirname, '../..');
const script = (name: string): string => join(ROOT, 'dist/apps/platform/src', name);

/** In one process, with its own servers unless others are given. */
export class OneProcess implements System {
  readonly api: Api;
  private program: Program;
  private runtime: Runtime | undefined;

  private constructor(
    private readonly folder: string,
    private readonly env: Record<string, string>,
    private readonly given: TestServers | undefined,
  ) {
    this.api = new Api(`http://127.0.0.1:${env['PORT']}`);
    this.program = this.launch();
  }

  /** With `given` servers, or those that the environment names, or such of its own. */
  static async start(given?: TestServers, settings: Record<string, string> = {}): Promise<OneProcess> {
    const folder = await mkdtemp(join(tmpdir(), 'grapevine-e2e-'));
    const env = {
      ...inheritedEnvironment(),
      ...(given ? addressesOf(given) : {}),
      STOREFRONT_URL,
      LOG_LEVEL: 'warn',
      DEMONSTRATION: 'off',
      DATA_DIR: join(folder, 'data'),
      PORT: String(await freePort()),
      ...settings,
    };
    const system = new OneProcess(folder, env, given);
    return started(system);
  }

  get sandboxUrl(): string {
    return this.running.paymentSandboxUrl;
  }

  get mongodbUri(): string {
    return this.given?.mongodbUri ?? this.running.mongodbUri;
  }

  get servers(): Pick<TestServers, 'kafkaBrokers' | 'namespace'> {
    return this.given ?? { kafkaBrokers: this.running.kafkaBrokers.split(','), namespace: this.running.namespace };
  }

  /** As a power cut ends it: nothing is written any more. */
  async kill(): Promise<void> {
    await this.program.end('SIGKILL');
  }

  async restart(): Promise<void> {
    this.program = this.launch();
    await this.ready();
  }

  /** As Ctrl-C does. Returns the exit status and how long it took. */
  async interrupt(): Promise<{ status: number | null; tookMs: number }> {
    const since = Date.now();
    const status = await this.program.end('SIGINT');
    return { status, tookMs: Date.now() - since };
  }

  async stop(): Promise<void> {
    const limit = setTimeout(() => void this.program.end('SIGKILL'), STOP_WITHIN_MS * 2);
    await this.program.end('SIGTERM');
    clearTimeout(limit);
    await rm(this.folder, { recursive: true, force: true });
  }

  private launch(): Program {
    return Program.run(script('main.js'), [], this.env);
  }

  private get running(): Runtime {
    if (!this.runtime) throw new Error('it does not run');
    return this.runtime;
  }

  async ready(): Promise<void> {
    await answering(this.api.url, () => this.program);
    this.runtime = await eventually(() => readRuntime(join(this.env['DATA_DIR'] ?? '', 'runtime.json')));
  }
}

/** What stands in DATA_DIR/runtime.json. */
interface Runtime {
  readonly kafkaBrokers: string;
  readonly mongodbUri: string;
  readonly namespace: string;
  readonly paymentSandboxUrl: string;
}

function readRuntime(file: string): Runtime {
  if (!existsSync(file)) throw new Error(`there is no ${file}`);
  return JSON.parse(readFileSync(file, 'utf8')) as Runtime;
}

export const addressesOf = ({ kafkaBrokers, mongodbUri, namespace }: TestServers): Record<string, string> => ({
  KAFKA_BROKERS: kafkaBrokers.join(),
  MONGODB_URI: mongodbUri,
  GRAPEVINE_NAMESPACE: namespace,
});

export const SERVICES = ['identity', 'catalog', 'order', 'social-feed', 'reputation'] as const;
type ServiceName = (typeof SERVICES)[number] | 'payment-sandbox' | 'gateway';

/** Each service a process of its own. */
export class Split implements System {
  private readonly programs = new Map<ServiceName, Program>();

  private constructor(
    readonly servers: TestServers,
    readonly api: Api,
    readonly sandboxUrl: string,
    private readonly folder: string,
    private readonly env: Record<string, string>,
  ) {}

  static async start(): Promise<Split> {
    const servers = await startTestServers();
    const folder = await mkdtemp(join(tmpdir(), 'grapevine-e2e-'));
    const [port, sandboxPort] = [await freePort(), await freePort()];
    const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
    const env: Record<string, string> = {
      ...inheritedEnvironment(),
      ...addressesOf(servers),
      STOREFRONT_URL,
      LOG_LEVEL: 'warn',
      DATA_DIR: join(folder, 'data'),
      PORT: String(port),
      PAYMENT_SANDBOX_PORT: String(sandboxPort),
      PAYMENT_SANDBOX_URL: sandboxUrl,
    };
    for (const name of SERVICES) {
      const variable = `GRAPEVINE_${name.replace('-', '_').toUpperCase()}_URL`;
      env[variable] = `tcp://127.0.0.1:${await freePort()}`;
    }
    const system = new Split(servers, new Api(`http://127.0.0.1:${port}`), sandboxUrl, folder, env);
    for (const name of ['payment-sandbox', ...SERVICES, 'gateway'] as const) system.launch(name);
    return started(system);
  }

  /** Ends a service at once. */
  async kill(name: ServiceName): Promise<void> {
    await this.programs.get(name)?.end('SIGKILL');
  }

  /** Starts a service again, and waits until all of them answer. */
  async revive(name: ServiceName): Promise<void> {
    this.launch(name);
    await this.ready();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.programs.values()].map((program) => program.end('SIGTERM')));
    await this.servers.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private launch(name: ServiceName): void {
    this.programs.set(name, Program.run(script('service.main.js'), [name], this.env));
  }

  ready(): Promise<void> {
    return answering(this.api.url, () => [...this.programs.values()].find(({ hasEnded }) => hasEnded));
  }
}

/** Leaves nothing running when it does not get ready. */
async function started<Started extends System & { ready(): Promise<void> }>(system: Started): Promise<Started> {
  try {
    await system.ready();
    return system;
  } catch (error) {
    await system.stop();
    throw error;
  }
}

/** Waits until the gateway says that every service answers. @throws at once when a program has ended. */
async function answering(url: string, suspect: () => Program | undefined): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    const program = suspect();
    if (program?.hasEnded) throw new Error(`it ended: ${program.output}`);
    const health = await fetch(`${url}/healthz`).then(
      (response) => response.json() as Promise<{ status: string }>,
      () => undefined,
    );
    if (health?.status === 'ready') return;
    if (Date.now() > until) throw new Error(`not ready: ${JSON.stringify(health)} ${program?.output ?? ''}`);
    await pause(100);
  }
}
