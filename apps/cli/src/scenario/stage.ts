import { ApiClient } from '../api-client.js';
import type { Play } from './play.js';
import type { ProviderBooks } from './provider-books.js';

/** Somebody of this run, signed in. */
export interface Person {
  readonly name: string;
  readonly client: ApiClient;
  readonly accountId: string;
  readonly profileId: string;
  readonly handle: string;
}

/** What all steps of one run share. */
export class Stage {
  constructor(
    readonly url: string,
    /** Names this run: what it makes is new each time. */
    readonly run: string,
    /** Of everybody in this run. */
    private readonly password: string,
    readonly play: Play,
    readonly books: ProviderBooks,
  ) {}

  /** A clientMutationKey of this run. */
  key(...act: readonly (string | number)[]): string {
    return [this.run, ...act].join(':');
  }

  /** Signs somebody up, whose events are this play's from then on. */
  async enter(name: string): Promise<Person> {
    const client = new ApiClient(this.url);
    const handle = `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}-${this.run}`;
    const email = `${handle}@scenario.example`;
    const signedIn = await client.enter({ email, password: this.password, name: `${name} ${this.run}`, handle });
    this.play.know(signedIn.accountId, signedIn.profileId);
    return { name, client, ...signedIn };
  }
}
