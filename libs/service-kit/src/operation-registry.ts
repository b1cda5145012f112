import type { ServiceName } from '#contracts';
import type { HealthReport, ServiceHealth } from './service-health.js';
import { ServiceUnavailableError } from './service-errors.js';

/** One call of an operation, as it reaches the service that answers it. */
export interface OperationRequest {
  readonly operation: string;
  readonly input: unknown;
  /** Access token of the one who asks. */
  readonly token?: string;
  readonly requestId: string;
  readonly traceparent: string;
  readonly deadlineAt: Date;
}

/** Answers the operations of one service. It fails with a ServiceError and nothing else. */
export interface OperationHost {
  dispatch(request: OperationRequest): Promise<unknown>;
}

/** The services that live in this process. */
export class OperationRegistry {
  private readonly hosts = new Map<ServiceName, OperationHost>();
  private readonly healths = new Map<OperationHost, () => Promise<ServiceHealth>>();

  /** Makes a service known. Returns the way to make it unknown again. Errors: when it is known already. */
  register(service: ServiceName, host: OperationHost, health?: () => Promise<ServiceHealth>): () => void {
    if (this.hosts.has(service)) throw new Error(`${service} runs in this process already`);
    this.hosts.set(service, host);
    if (health) this.healths.set(host, health);
    return () => {
      this.healths.delete(host);
      if (this.hosts.get(service) === host) this.hosts.delete(service);
    };
  }

  /** How the services do. */
  async health(): Promise<HealthReport> {
    const asked = [...this.hosts].flatMap(([service, host]) => {
      const health = this.healths.get(host);
      return health ? [{ service, health }] : [];
    });
    return Object.fromEntries(
      await Promise.all(asked.map(async ({ service, health }) => [service, await health()] as const)),
    );
  }

  find(service: ServiceName): OperationHost | undefined {
    return this.hosts.get(service);
  }

  /** Which services take calls. */
  get ready(): readonly ServiceName[] {
    return [...this.hosts.keys()];
  }
}

export const isDown = (service: ServiceName, detail: string): ServiceUnavailableError =>
  new ServiceUnavailableError(`${service} ${detail}`);
