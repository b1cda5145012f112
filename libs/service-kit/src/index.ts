export type { Caller } from './caller.js';
export { isPlatform } from './caller.js';
export { Clock, SystemClock } from './clock.js';
export { addressOf, ConfigError, loadConfig, ServiceConfig } from './config.js';
export type { ServiceAddress, Variables } from './config.js';
export { withDeadline } from './deadline.js';
export { Handles } from './handles.decorator.js';
export { callHttp } from './http-call.js';
export type { HttpAnswer, HttpCall } from './http-call.js';
export { createLogger, LOGGER, NestLogger } from './logger.js';
export type { Logger } from './logger.js';
export { OperationClient } from './operation-client.js';
export type { CallOptions } from './operation-client.js';
export { OperationContext } from './operation-context.js';
export { OperationRegistry } from './operation-registry.js';
export type { OperationHost, OperationRequest } from './operation-registry.js';
export { remoteServices } from './remote-services.js';
export { currentRequest, newTraceparent, runInRequest } from './request-context.js';
export type { RequestContext } from './request-context.js';
export { DependencyAwayError, runServiceAlone, waitForDependencies } from './run-alone.js';
export type { Dependencies } from './run-alone.js';
export type { RunningService, ServiceDefinition, ServiceEnvironment } from './service-definition.js';
export {
  BadInputError,
  ForbiddenError,
  InternalError,
  RateLimitedError,
  ServiceError,
  ServiceUnavailableError,
  UnauthenticatedError,
} from './service-errors.js';
export { processMetrics } from './process-metrics.js';
export { allLive, allReady } from './service-health.js';
export type { HealthReport, ServiceHealth } from './service-health.js';
export type { ServiceErrorCode } from './service-errors.js';
export { SERVICE_CONFIG } from './service-host.module.js';
export { ServiceStoppedError, startService } from './start-service.js';
export { stopOnSignals } from './stop-on-signals.js';
export { AddressError, TcpIntake } from './tcp-intake.js';
export { TOKEN_ALGORITHM, tokenIssuer, TokenVerifier } from './token-verifier.js';
