import { typeIds, type OperationContract, type ServiceName } from '#contracts';
import { writeContext } from '#persistence';
import { withDeadline } from './deadline.js';
import { isDown, type OperationHost, type OperationRegistry, type OperationRequest } from './operation-registry.js';
import { currentRequest, newTraceparent } from './request-context.js';

export interface CallOptions {
  /** Access token of the one who asks; that of the current request when left out; null: nobody asks. */
  readonly token?: string | null;
  /** 2,000 by default, and never more than the current request has left. */
  readonly deadlineMs?: number;
  /** W3C trace context; that of the current request when left out. */
  readonly traceparent?: string;
  readonly requestId?: string;
}

const DEFAULT_DEADLINE_MS = 2000;

/** Where services are: in this process, or at an address. */
export interface OperationRoutes {
  readonly registry: OperationRegistry;
  /** Channels to the services of other processes. */
  readonly remote?: ReadonlyMap<ServiceName, OperationHost>;
}

/**
 * Asks a service, wherever it lives. Every call has a deadline.
 * Errors: UnauthenticatedError, ForbiddenError, BadInputError, RateLimitedError, ServiceUnavailableError, InternalError.
 */
export class OperationClient {
  constructor(private readonly routes: OperationRoutes) {}

  async call<Input, Output>(
    contract: OperationContract<Input, Output>,
    input: Input,
    options: CallOptions = {},
  ): Promise<Output> {
    const { service } = contract;
    const host = this.routes.registry.find(service) ?? this.routes.remote?.get(service);
    if (!host) throw isDown(service, 'is not running');
    const deadlineMs = remainingMs(options.deadlineMs ?? DEFAULT_DEADLINE_MS);
    const request = toRequest(contract, input, options, deadlineMs);
    const late = () => isDown(service, `did not answer ${contract.name} within ${deadlineMs} ms`);
    return (await withDeadline(host.dispatch(request), deadlineMs, late)) as Output;
  }
}

function remainingMs(wantedMs: number): number {
  const until = currentRequest()?.deadlineAt.getTime() ?? Infinity;
  return Math.max(1, Math.min(wantedMs, until - Date.now()));
}

function toRequest(
  contract: OperationContract,
  input: unknown,
  options: CallOptions,
  deadlineMs: number,
): OperationRequest {
  const current = currentRequest();
  const token = options.token === undefined ? current?.token : options.token;
  // Who gets a token (signs in, refreshes) or asks for the keys to check one has none that counts.
  const isSent = token && !(contract.service === 'identity' && contract.access === 'anyone');
  return {
    operation: contract.name,
    input,
    requestId: options.requestId ?? current?.requestId ?? typeIds.next('request'),
    // A reaction has no request, but writes under the trace of its event.
    traceparent: options.traceparent ?? writeContext.getStore()?.traceparent ?? newTraceparent(),
    deadlineAt: new Date(Date.now() + deadlineMs),
    ...(isSent ? { token } : {}),
  };
}
