import { idempotencyConflict, typeIds, type OperationContract } from '#contracts';
import { InvalidCursorError, isTransientDatabaseError } from '#persistence';
import type { Caller } from './caller.js';
import type { Clock } from './clock.js';
import { hashInput, recordId } from './idempotency.js';
import type { CommandRun, IdempotencyStore } from './idempotency.store.js';
import { checkAccess, checkInput, clientKeyOf, hasResult } from './operation-checks.js';
import { OperationContext } from './operation-context.js';
import type { OperationHost, OperationRequest } from './operation-registry.js';
import type { Logger } from './logger.js';
import { currentRequest, runInRequest } from './request-context.js';
import { BadInputError, InternalError, ServiceError, ServiceUnavailableError } from './service-errors.js';
import type { TokenVerifier } from './token-verifier.js';

/** A handler bound to its controller. */
export interface BoundHandler {
  readonly contract: OperationContract;
  run(input: unknown, context: OperationContext): unknown;
}

interface Parts {
  readonly service: string;
  /** Asked once, at start: controllers do not exist before. */
  handlers(): readonly BoundHandler[];
  readonly verifier: TokenVerifier;
  readonly idempotency: IdempotencyStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Answers the operations of a service: checks token, access and input, runs a keyed command once, maps errors. */
export class OperationDispatcher implements OperationHost {
  private handlers: ReadonlyMap<string, BoundHandler> = new Map();
  private readonly running = new Set<Promise<unknown>>();
  private draining = false;

  constructor(private readonly parts: Parts) {}

  /** Finds the handlers. Errors: an operation has two of them, or belongs to another service. */
  start(): void {
    this.handlers = new Map(this.parts.handlers().map((handler) => [handler.contract.name, handler]));
  }

  dispatch(request: OperationRequest): Promise<unknown> {
    if (this.draining) return Promise.reject(new ServiceUnavailableError(`${this.parts.service} is shutting down`));
    const work = this.answer(request);
    this.running.add(work);
    const forget = (): unknown => this.running.delete(work);
    work.then(forget, forget);
    return work;
  }

  get isDraining(): boolean {
    return this.draining;
  }

  /** Takes no more calls, and returns when those under way have been answered. */
  async drain(): Promise<void> {
    this.draining = true;
    await Promise.allSettled(this.running);
  }

  private async answer(request: OperationRequest): Promise<unknown> {
    try {
      const handler = this.handlers.get(request.operation);
      if (!handler) throw new BadInputError(`${this.parts.service} has no operation ${request.operation}`);
      const caller = request.token ? await this.parts.verifier.verify(request.token) : null;
      return await runInRequest({ ...request, caller }, () => this.run(handler, request, caller));
    } catch (error) {
      throw this.toServiceError(error, request);
    }
  }

  private async run(handler: BoundHandler, request: OperationRequest, caller: Caller | null): Promise<unknown> {
    const { contract } = handler;
    checkAccess(contract, caller);
    const checked = checkInput(contract, request.input);
    if ('invalid' in checked) return checked.invalid;
    const { input } = checked;
    const { deadlineAt } = request;
    const work = (run: CommandRun) =>
      handler.run(input, new OperationContext({ ...run, caller, deadlineAt })) as Promise<unknown>;

    const key = clientKeyOf(contract, input);
    // Nobody owns a key that comes without a caller (two strangers may choose the same): it is the handler's to mind.
    if (key === undefined || !caller)
      return work({ commandId: typeIds.next('request'), at: this.parts.clock.now(), isFirstRun: true });
    const inputHash = hashInput(input);
    const id = recordId(caller.accountId, contract.name, key);
    const outcome = await this.parts.idempotency.once({ id, inputHash, deadlineAt }, work);
    return outcome.kind === 'result' ? outcome.result : conflict(contract);
  }

  private toServiceError(error: unknown, { operation, requestId }: OperationRequest): ServiceError {
    if (error instanceof InternalError) return error;
    if (error instanceof ServiceError) return error;
    if (error instanceof InvalidCursorError) return new BadInputError(`after ${error.message}`);
    const { service, logger } = this.parts;
    if (isTransientDatabaseError(error)) {
      logger.warn({ err: error, operation, requestId }, 'the database did not do what was asked');
      return new ServiceUnavailableError(`${service} can't reach its database or is too busy`);
    }
    const id = typeIds.next('request');
    logger.error({ err: error, operation, requestId: currentRequest()?.requestId ?? requestId, errorId: id }, 'defect');
    return new InternalError(id);
  }
}

function conflict(contract: OperationContract): unknown {
  const result = idempotencyConflict();
  if (hasResult(contract, 'IdempotencyConflict')) return result;
  throw new BadInputError(result.message);
}
