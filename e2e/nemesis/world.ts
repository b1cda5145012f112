import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { givenServers, startTestServers } from '#testing';
import { openDataFolder } from '../../apps/platform/src/data/data-folder.js';
import { rememberPorts } from '../../apps/platform/src/servers/remembered-ports.js';
import { Api } from '../support/api.js';
import { inheritedEnvironment } from '../support/config.js';
import { Member } from './member.js';
import { freePorts, probePort } from './ports.js';

const ROOT = join(import.meta.dirname, '../..');
const script = (path: string): string => join(ROOT, 'dist/apps', path);

/** Where the events and the data are. */
export interface Servers {
  readonly kafkaBrokers: string[];
  readonly mongodbUri: string;
  readonly namespace: string;
  /** Removes what the run left on given ones. */
  stop(): Promise<void>;
}

/** How many instances of each service there are. */
const INSTANCES = { identity: 1, catalog: 2, order: 2, 'social-feed': 1, reputation: 1 } as const;
/** What is under way recovers soon, so that a run is about faults and not about waiting. */
const TIMES = { ORDER_GRACE_MS: '2000', ORDER_RETRY_MS: '250', PAYMENT_SANDBOX_DECIDE_MS: '1500' };

/** The split shape with two instances of catalog and order, and its servers in a process of their own. */
export class World {
  private constructor(
    readonly api: Api,
    readonly sandboxUrl: string,
    readonly servers: Servers,
    /** Everything that can be hurt. Servers that were given are not among them. */
    readonly members: ReadonlyMap<string, Member>,
    private readonly folder: string,
  ) {}

  static async start(): Promise<World> {
    const folder = await mkdtemp(join(tmpdir(), 'grapevine-nemesis-'));
    const { servers, member } = await serversIn(folder);
    const [port = 0, sandboxPort = 0, ...ports] = await freePorts(9);
    const api = new Api(`http://127.0.0.1:${port}`);
    const sandboxUrl = `http://127.0.0.1:${sandboxPort}`;
    const env: Record<string, string> = {
      ...inheritedEnvironment(),
      ...TIMES,
      KAFKA_BROKERS: servers.kafkaBrokers.join(),
      MONGODB_URI: servers.mongodbUri,
      GRAPEVINE_NAMESPACE: servers.namespace,
      LOG_LEVEL: 'warn',
      DATA_DIR: join(folder, 'services'),
      PORT: String(port),
      PAYMENT_SANDBOX_PORT: String(sandboxPort),
      PAYMENT_SANDBOX_URL: sandboxUrl,
    };
    const run = (name: string, service: string, own: object, probe: () => Promise<void>): Member =>
      new Member({ name, command: [script('platform/src/service.main.js'), service], env: { ...env, ...own }, probe });
    const members = [
      ...(member ? [member] : []),
      run('payment-sandbox', 'payment-sandbox', {}, () => probePort(sandboxPort)),
      ...placesOf(ports, env).map(({ name, service, own, at }) => run(name, service, own, () => probePort(at))),
      run('gateway', 'gateway', {}, () => probeHealth(api.url)),
    ];
    const world = new World(api, sandboxUrl, servers, new Map(members.map((one) => [one.name, one])), folder);
    return world.begin(member);
  }

  member(name: string): Member {
    const member = this.members.get(name);
    if (!member) throw new Error(`there is no ${name}`);
    return member;
  }

  async stop(): Promise<void> {
    // Those that are frozen end by SIGKILL, too.
    await Promise.all([...this.members.values()].map((member) => member.kill()));
    await this.servers.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private async begin(servers: Member | undefined): Promise<this> {
    try {
      servers?.start();
      await servers?.ready();
      const others = [...this.members.values()].filter((member) => member !== servers);
      for (const member of others) member.start();
      await Promise.all(others.map((member) => member.ready()));
      return this;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }
}

/** Given ones, under a name of this run, or embedded ones as a process that always comes back at its ports. */
async function serversIn(folder: string): Promise<{ servers: Servers; member?: Member }> {
  const given = givenServers();
  if (given.kafkaBrokers && given.mongodbUri) {
    return { servers: await startTestServers() };
  }
  const [kafka = 0, mongo = 0] = await freePorts(2);
  const dataDir = join(folder, 'servers');
  rememberPorts(openDataFolder(dataDir, new Date()), { kafka, mongo });
  const member = new Member({
    name: 'servers',
    command: [script('platform/src/servers.main.js')],
    env: { ...inheritedEnvironment(), DATA_DIR: dataDir },
    probe: async () => void (await Promise.all([probePort(kafka), probePort(mongo)])),
  });
  const at = '127.0.0.1';
  return {
    servers: {
      kafkaBrokers: [`${at}:${kafka}`],
      mongodbUri: `mongodb://${at}:${mongo}/`,
      namespace: '',
      stop: () => Promise.resolve(),
    },
    member,
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
