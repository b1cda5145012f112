import { idFrom, type IdPrefix } from '#contracts';
import type { Caller } from './caller.js';
import { UnauthenticatedError } from './service-errors.js';

/** Everything that a handler may depend on besides its input. */
export class OperationContext {
  constructor(
    private readonly facts: {
      readonly caller: Caller | null;
      readonly commandId: string;
      readonly at: Date;
      readonly isFirstRun: boolean;
      readonly deadlineAt: Date;
    },
  ) {}

  /** Null when nobody is signed in, which only happens where the contract's access is `anyone`. */
  get caller(): Caller | null {
    return this.facts.caller;
  }

  /** The caller. Errors: UnauthenticatedError when there is none. */
  get signedIn(): Caller {
    if (!this.facts.caller) throw new UnauthenticatedError();
    return this.facts.caller;
  }

  /** `account_…`. Errors: UnauthenticatedError. */
  get accountId(): string {
    return this.signedIn.accountId;
  }

  /** `profile_…`. Errors: UnauthenticatedError. */
  get profileId(): string {
    return this.signedIn.profileId;
  }

  /**
   * The same for every run of one command: a command that comes with a clientMutationKey keeps it when it is run again
   * after a crash. Give it to the aggregate's insert or mutate, which then does nothing the second time.
   */
  get commandId(): string {
    return this.facts.commandId;
  }

  /** When the command was first run: the time to write into what it changes. */
  get at(): Date {
    return this.facts.at;
  }

  /** Nothing of the command can be there yet. False where it may have been run before, by whomever. */
  get isFirstRun(): boolean {
    return this.facts.isFirstRun;
  }

  /** Nobody waits for the answer after this. */
  get deadlineAt(): Date {
    return this.facts.deadlineAt;
  }

  /**
   * An id that is the same in every run of the command. `seed` tells apart ids of one kind: `newId('line', '0')`.
   */
  newId(prefix: IdPrefix, seed = ''): string {
    return idFrom(prefix, this.facts.at, `${this.facts.commandId}\u0000${seed}`);
  }
}
