import type { OperationContract, ServiceName } from '#contracts';
import { BadInputError, ServiceUnavailableError, withDeadline, type CallOptions } from '#service-kit';
import type { ServiceCalls } from '../src/context/service-calls.js';

type Handler = (input: never, options: CallOptions) => unknown;

export interface RecordedCall {
  readonly operation: string;
  readonly input: unknown;
  readonly token: string | null | undefined;
}

/**
 * Services in memory. What goes in and comes out is held to the contracts; each can be stopped or made to hang.
 * An operation that nobody has answered for is a service that is down.
 */
export class FakeServices implements ServiceCalls {
  readonly calls: RecordedCall[] = [];
  private readonly handlers = new Map<string, Handler>();
  private readonly stopped = new Set<ServiceName>();
  private readonly hanging = new Set<ServiceName>();

  on<Input, Output>(
    contract: OperationContract<Input, Output>,
    handler: (input: Input, options: CallOptions) => Output | Promise<Output>,
  ): this {
    this.handlers.set(contract.name, handler as Handler);
    return this;
  }

  stop(...services: ServiceName[]): void {
    for (const service of services) this.stopped.add(service);
  }

  hang(...services: ServiceName[]): void {
    for (const service of services) this.hanging.add(service);
  }

  start(...services: ServiceName[]): void {
    for (const service of services) this.stopped.delete(service);
  }

  /** How often each operation was asked. */
  get counts(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { operation } of this.calls) counts[operation] = (counts[operation] ?? 0) + 1;
    return counts;
  }

  async call<Input, Output>(
    contract: OperationContract<Input, Output>,
    input: Input,
    options: CallOptions = {},
  ): Promise<Output> {
    const { name, service } = contract;
    this.calls.push({ operation: name, input, token: options.token });
    const late = () => new ServiceUnavailableError(`${service} did not answer`);
    const handler = this.handlers.get(name);
    if (this.hanging.has(service)) return withDeadline(new Promise(() => undefined), options.deadlineMs ?? 2_000, late);
    if (this.stopped.has(service) || !handler) throw new ServiceUnavailableError(`${service} is not running (${name})`);
    const parsed = contract.input.safeParse(input);
    if (!parsed.success) throw new BadInputError(parsed.error.message);
    return contract.output.parse(await handler(parsed.data as never, options));
  }
}
