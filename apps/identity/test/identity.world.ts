import type { Connection } from 'mongoose';
import { RefreshSession, SignIn, SignUp, type InputOf, type OperationContract, type OutputOf } from '#contracts';
import {
  eventually,
  fixedClock,
  ServiceWorld,
  surroundingsOf,
  type FixedClock,
  type ServiceSurroundings,
} from '#testing';
import { definition } from '../src/identity.service.js';

export type Session = Extract<OutputOf<typeof SignUp>, { __typename: 'Session' }>;

export const PASSWORD = 'correct horse battery';

/** The service between a broker and a database, with a clock that a test can move on. */
export class IdentityWorld extends ServiceWorld {
  private made = 0;
  private opened: Connection | undefined;

  private constructor(
    surroundings: ServiceSurroundings,
    readonly clock: FixedClock,
  ) {
    super(surroundings);
  }

  static async start(settings: Record<string, string> = {}): Promise<IdentityWorld> {
    const clock = fixedClock(new Date());
    const world = new IdentityWorld(await surroundingsOf(definition, { settings, clock }), clock);
    await world.startAgain();
    world.opened = await world.connect();
    return world;
  }

  /** The service's own. */
  get database(): Connection {
    if (this.opened === undefined) throw new Error('there is no connection');
    return this.opened;
  }

  call<Contract extends OperationContract>(
    contract: Contract & OperationContract<InputOf<Contract>, OutputOf<Contract>>,
    input: InputOf<Contract>,
    token: string | null = null,
  ): Promise<OutputOf<Contract>> {
    return this.as(token === null ? null : { token }, contract, input);
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
