import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { givenServers, startTestServers } from '#testing';
import { Api } from '../support/api.js';
import { inheritedEnvironment } from '../support/config.js';
import { Member, type Launch } from './member.js';
import { freePorts, probePort } from './ports.js';
import { RealServer, type RealSettings } from './real-servers.js';
import type { ServiceVictim, Victim } from './victim.js';

const ROOT = join(import.meta.dirname, '../..');
const SERVICE_MAIN = join(ROOT, 'dist/apps/platform/src/service.main.js');
const SERVER_MAIN = join(import.meta.dirname, 'server.mjs');
const WITNESS = join(import.meta.dirname, 'witness.mjs');

/** Where the events and the data are. */
export interface Servers {
  readonly kafkaBrokers: string[];
  readonly mongodbUri: string;
  readonly namespace: string;
  /** Those that can be hurt; none of given ones. */
  readonly victims: readonly Victim[];
  /** Removes what the run left on servers that stay. */
  stop(): Promise<void>;
}

export interface WorldOptions {
  /** Servers that are hurt by the scripts that run them, instead of embedded ones. */
  readonly real?: RealSettings | undefined;
  /** Files that are loaded into each service before it starts. */
  readonly preloads?: readonly string[];
  /** Where everything that the processes say is kept. */
  readonly logs?: string | undefined;
}

/** How many instances of each service there are. */
const INSTANCES = { identity: 1, catalog: 2, order: 2, 'social-feed': 1, reputation: 1 } as const;
/** What is under way recovers soon, so that a run is about faults and not about waiting. */
const TIMES = { ORDER_GRACE_MS: '2000', ORDER_RETRY_MS: '250', PAYMENT_SANDBOX_DECIDE_MS: '1500' };

/** The split shape with two instances of catalog and order; broker and database are processes of their own, too. */
export class World {
  private constructor(
    readonly api: Api,
    readonly sandboxUrl: string,
    readonly servers: Servers,
    private readonly services: ReadonlyMap<string, ServiceVictim>,
    private readonly folder: string,
  ) {}

  static async start(options: WorldOptions = {}): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'grapevine-nemesis-'));
    if (options.logs !== undefined) await mkdir(options.logs, { recursive: true });
    const servers = await serversFor(options, folder);
    const [port = 0, sandboxPort = 0, ...ports] = await freePorts(9);
    const api = new Api(`http://127.0.0.1:${port}`);
    const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
    const env: Record<string, string> = {
      ...inheritedEnvironment(),
      ...TIMES,
      KAFKA_BROKERS: servers.kafkaBrokers.join(),
      MONGODB_URI: servers.mongodbUri,
      GRAPEVINE_NAMESPACE: servers.namespace,
      LOG_LEVEL: options.logs === undefined ? 'warn' : 'info',
      DATA_DIR: join(folder, 'services'),
      NEMESIS_WITNESS: await newFolder(folder, 'witness'),
      PORT: String(port),
      PAYMENT_SANDBOX_PORT: String(sandboxPort),
      PAYMENT_SANDBOX_URL: sandboxUrl,
    };
    const { logs } = options;
    const preloads = [WITNESS, ...(options.preloads ?? [])];
    const run = (name: string, service: string, own: object, probe: Launch['probe']): ServiceVictim =>
      new Member({ name, command: [SERVICE_MAIN, service], env: { ...env, ...own }, probe, preloads, logs });
    const services = [
      run('payment-sandbox', 'payment-sandbox', {}, () => probePort(sandboxPort)),
      ...placesOf(ports, env).map(({ name, service, own, at }) => run(name, service, own, () => probePort(at))),
      run('gateway', 'gateway', {}, () => probeHealth(api.url)),
    ];
    const world = new World(api, sandboxUrl, servers, new Map(services.map((one) => [one.name, one])), folder);
    return world.begin();
  }

  /** Names of what has a clock and connections to be hurt. */
  get serviceNames(): string[] {
    return [...this.services.keys()];
  }

  get serverNames(): string[] {
    return this.servers.victims.map(({ name }) => name);
  }

  /** Where the processes write down what their consumers have handled. */
  get witnessFolder(): string {
    return join(this.folder, 'witness');
  }

  service(name: string): ServiceVictim {
    const service = this.services.get(name);
    if (!service) throw new Error(`there is no service ${name}`);
    return service;
  }

  victim(name: string): Victim {
    return this.servers.victims.find((one) => one.name === name) ?? this.service(name);
  }

  async stop(): Promise<void> {
    // Those that are frozen end by SIGKILL, too.
    await Promise.all([...this.services.values()].map((service) => service.kill()));
    await this.servers.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async begin(): Promise<this> {
    try {
      const services = [...this.services.values()];
      for (const service of services) await service.start();
      await Promise.all(services.map((service) => service.ready()));
      return this;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }
}

async function newFolder(...parts: readonly [string, string]): Promise<string> {
  const folder = join(...parts);
  await mkdir(folder);
  return folder;
}

/** Real ones, given ones under a name of this run, or embedded ones; they answer. */
async function serversFor({ real, logs }: WorldOptions, folder: string): Promise<Servers> {
  const given = givenServers();
  if (given.kafkaBrokers && given.mongodbUri) return { ...(await startTestServers()), victims: [] };
  return real ? realServers(real) : embeddedServers(folder, logs);
}

async function realServers(settings: RealSettings): Promise<Servers> {
  const [broker, database] = [new RealServer('broker', settings), new RealServer('database', settings)];
  const victims = [broker, database];
  for (const victim of victims) await victim.start();
  return {
    kafkaBrokers: [broker.address],
    mongodbUri: `mongodb://${database.address}/`,
    namespace: `nemesis${Date.now().toString(36)}-`,
    victims,
    // They run on, as they were found.
    stop: () => Promise.resolve(),
  };
}

async function embeddedServers(folder: string, logs: string | undefined): Promise<Servers> {
  const ports = await freePorts(2);
  const victims = ['broker', 'database'].map((name, index) => {
    const port = ports[index] ?? 0;
    const command = [SERVER_MAIN, name, join(folder, name), String(port)] as const;
    return new Member({ name, command, env: inheritedEnvironment(), probe: () => probePort(port), logs });
  });
  const stop = async (): Promise<void> => void (await Promise.all(victims.map((victim) => victim.kill())));
  try {
    for (const victim of victims) victim.start();
    await Promise.all(victims.map((victim) => victim.ready()));
  } catch (error) {
    await stop();
    throw error;
  }
  const [kafka = 0, mongo = 0] = ports;
  return {
    kafkaBrokers: [`127.0.0.1:${kafka}`],
    mongodbUri: `mongodb://127.0.0.1:${mongo}/`,
    namespace: '',
    victims,
    stop,
  };
}

interface Place {
  readonly name: string;
  readonly service: string;
  readonly at: number;
  /** An instance listens at the first address of its own list. */
  readonly own: Record<string, string>;
}

/** Gives every instance a port, and tells all processes where the instances are. */
function placesOf(ports: readonly number[], env: Record<string, string>): Place[] {
  const free = [...ports];
  return Object.entries(INSTANCES).flatMap(([service, count]) => {
    const taken = free.splice(0, count);
    const variable = `GRAPEVINE_${service.replace('-', '_').toUpperCase()}_URL`;
    const list = (order: readonly number[]): string => order.map((port) => `tcp://127.0.0.1:${port}`).join();
    env[variable] = list(taken);
    return taken.map((at, index) => ({
      name: count > 1 ? `${service}-${index + 1}` : service,
      service,
      at,
      own: { [variable]: list([at, ...taken.filter((other) => other !== at)]) },
    }));
  });
}

async function probeHealth(url: string): Promise<void> {
  const response = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(5_000) });
  const { status } = (await response.json()) as { status: string };
  if (status !== 'ready') throw new Error(`the gateway says ${status}`);
}
