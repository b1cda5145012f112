import type { OperationContract } from '#contracts';
import type { CallOptions } from '#service-kit';

/** The one way from resolvers to services, wherever these live. OperationClient is one; tests have their own. */
export interface ServiceCalls {
  call<Input, Output>(contract: OperationContract<Input, Output>, input: Input, options?: CallOptions): Promise<Output>;
}
