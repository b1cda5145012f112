import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { RequestScope, type ScopeDependencies } from './request-scope.js';
import { visitorOf, type VerifiesTokens } from './visitor.js';

/** Makes the scope of each request out of its headers. */
export class ScopeFactory {
  constructor(
    private readonly dependencies: ScopeDependencies,
    private readonly tokens: VerifiesTokens,
  ) {}

  forRequest(request: FastifyRequest): Promise<RequestScope> {
    return this.make(request.headers.authorization, request.ip);
  }

  forSocket(authorization: string | undefined, request: IncomingMessage): Promise<RequestScope> {
    return this.make(authorization, request.socket.remoteAddress ?? '');
  }

  /** Of a request by nobody in particular. */
  anonymous(address: string): RequestScope {
    return new RequestScope({ caller: null, address }, this.dependencies);
  }

  private async make(authorization: string | undefined, address: string): Promise<RequestScope> {
    return new RequestScope(await visitorOf(authorization, address, this.tokens), this.dependencies);
  }
}
