import type { Connection } from 'mongoose';
import {
  RefreshSession,
  SignIn,
  SignUp,
  type EventContract,
  type InputOf,
  type OperationContract,
  type OutputOf,
} from '#contracts';
import { connectDatabase, databaseName } from '#persistence';
import { OperationClient, OperationRegistry, startService, type RunningService } from '#service-kit';
import {
  captureEvents,
  eventually,
  fixedClock,
  recordQueries,
  startTestServers,
  type CapturedEvents,
  type FixedClock,
  type QueryRecorder,
  type TestServers,
} from '#testing';
import { definition } from '../src/identity.service.js';

export type Session = Extract<OutputOf<typeof SignUp>, { __typename: 'Session' }>;

export const PASSWORD = 'correct horse battery';

/** The service between a broker and a database, with a clock that a test can move on. */
export class IdentityWorld {
  readonly client: OperationClient;
  private readonly captures: CapturedEvents[] = [];
  private made = 0;

  private constructor(
    readonly servers: TestServers,
    readonly queries: QueryRecorder,
    readonly clock: FixedClock,
    /** To the service's own database. */
    readonly database: Connection,
    private readonly registry: OperationRegistry,
    readonly variables: Record<string, string>,
    private running: RunningService,
  ) {
    this.client = new OperationClient({ registry });
  }

  static async start(settings: Record<string, string> = {}): Promise<IdentityWorld> {
    const servers = await startTestServers();
    const queries = recordQueries();
    const registry = new OperationRegistry();
    const clock = fixedClock(new Date());
    const variables = {
      KAFKA_BROKERS: servers.kafkaBrokers.join(),
      MONGODB_URI: servers.mongodbUri,
      GRAPEVINE_NAMESPACE: servers.namespace,
      LOG_LEVEL: 'silent',
      ...settings,
    };
    const running = await startService(definition, { variables, registry, clock });
    const name = databaseName(servers.namespace, 'identity');
    const database = await connectDatabase({ uri: servers.mongodbUri, name });
    return new IdentityWorld(servers, queries, clock, database, registry, variables, running);
  }

  get service(): RunningService {
    return this.running;
  }

  async restart(settings: Record<string, string> = {}): Promise<void> {
    await this.running.close();
    const variables = { ...this.variables, ...settings };
    this.running = await startService(definition, { variables, registry: this.registry, clock: this.clock });
  }

  /** What is published from now on and before, until the world stops. */
  async capture(...contracts: EventContract[]): Promise<CapturedEvents> {
    const captured = await captureEvents(this.servers, contracts);
    this.captures.push(captured);
    return captured;
  }

  async stop(): Promise<void> {
    this.queries.stop();
    await Promise.all(this.captures.map((captured) => captured.close()));
    await this.running.close();
    await this.database.close();
    await this.servers.stop();
  }

  call<Contract extends OperationContract>(
    contract: Contract & OperationContract<InputOf<Contract>, OutputOf<Contract>>,
    input: InputOf<Contract>,
    token: string | null = null,
  ): Promise<OutputOf<Contract>> {
    return this.client.call(contract, input, { token, deadlineMs: 20_000 });
  }

  /** An address that nobody has used yet. */
  newEmail = (): string => `person${++this.made}@example.com`;

  signUp = (input: Partial<InputOf<typeof SignUp>> = {}) =>
    this.call(SignUp, { email: this.newEmail(), password: PASSWORD, name: 'Cleo', ...input });
  signIn = (email: string, input: Partial<InputOf<typeof SignIn>> = {}) =>
    this.call(SignIn, { email, password: PASSWORD, ...input });
  refresh = (refreshToken: string) => this.call(RefreshSession, { refreshToken });

  /** Somebody who has just signed up. */
  async newcomer(input: Partial<InputOf<typeof SignUp>> = {}): Promise<Session> {
    return sessionOf(await this.signUp(input));
  }

  /** How many documents of a collection match. */
  count = (collection: string, filter: object): Promise<number> =>
    this.database.collection(collection).countDocuments(filter);
}

/** The session that a call was answered with. */
export function sessionOf(result: { __typename: string } | Session): Session {
  if (result.__typename === 'Session') return result as Session;
  throw new Error(`no session: ${JSON.stringify(result)}`);
}

/** Waits long enough for loaded machines. */
export const soon = <Result>(assertion: () => Result | Promise<Result>): Promise<Result> =>
  eventually(assertion, { timeoutMs: 30_000 });
