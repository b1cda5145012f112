import { typeIds, type OperationContract } from '#contracts';
import { newTraceparent, UnauthenticatedError } from '#service-kit';
import { Loaders } from './loaders.js';
import type { ServiceCalls } from './service-calls.js';
import type { ChangeFeed } from '../live/change-feed.js';
import type { Visitor } from './visitor.js';

/** What all requests share. */
export interface ScopeDependencies {
  readonly calls: ServiceCalls;
  readonly changes: ChangeFeed;
  /** Where clients reach this gateway, without a slash at the end: share links begin with it. */
  publicUrl(): string;
  /** How long a service may take to answer, in milliseconds. */
  readonly deadlineMs: number;
  /** The same for what changes something: whoever gives up early does not know whether it happened. */
  readonly commandDeadlineMs: number;
}

/** One request: who asks, and what was loaded for it so far. The context value of every resolver. */
export class RequestScope {
  readonly requestId = typeIds.next('request');
  /** Of a subscription: where its last result ends. Given to the client, which resumes from there. */
  cursor: string | undefined;
  private readonly traceparent = newTraceparent();
  private loaded: Loaders | undefined;

  constructor(
    readonly visitor: Visitor,
    private readonly dependencies: ScopeDependencies,
  ) {}

  get loaders(): Loaders {
    return (this.loaded ??= new Loaders((contract, input) => this.call(contract, input)));
  }

  get changes(): ChangeFeed {
    return this.dependencies.changes;
  }

  get publicUrl(): string {
    return this.dependencies.publicUrl();
  }

  /** Errors: those of OperationClient. */
  call<Input, Output>(
    contract: OperationContract<Input, Output>,
    input: Input,
    deadlineMs = this.dependencies.deadlineMs,
  ): Promise<Output> {
    const { requestId, traceparent } = this;
    const token = this.visitor.token ?? null;
    return this.dependencies.calls.call(contract, input, { token, deadlineMs, requestId, traceparent });
  }

  /** A call that changes something: what was loaded before may be out of date after it. */
  async command<Input, Output>(
    contract: OperationContract<Input, Output>,
    input: Input,
    deadlineMs = this.dependencies.commandDeadlineMs,
  ): Promise<Output> {
    try {
      return await this.call(contract, input, deadlineMs);
    } finally {
      this.forgetLoaded();
    }
  }

  forgetLoaded(): void {
    this.loaded = undefined;
  }

  /** The same request as somebody else: one who has just signed in. */
  as(token: string): RequestScope {
    return new RequestScope({ caller: null, token, address: this.visitor.address }, this.dependencies);
  }

  /** Errors: UnauthenticatedError when nobody is signed in. */
  requireToken(): void {
    if (!this.visitor.token) throw new UnauthenticatedError();
  }
}
