import type { DynamicModule, Type } from '@nestjs/common';
import type { ServiceName } from '#contracts';
import type { ServiceConfig, Variables } from './config.js';
import type { Clock } from './clock.js';
import type { Logger } from './logger.js';
import type { OperationRegistry } from './operation-registry.js';
import type { ServiceHealth } from './service-health.js';
import type { z } from 'zod';

/** A service as its app exports it, in `<service>.service.ts`. */
export interface ServiceDefinition<Config extends ServiceConfig = ServiceConfig> {
  readonly name: ServiceName;
  /** `ServiceConfig`, or what the service's `config.ts` made of it by `ServiceConfig.extend({ … })`. */
  readonly config: z.ZodObject & z.ZodType<Config>;
  /** The service's table of contents. Database, messaging options, logger and operation client are there for it. */
  module(config: Config): Type | DynamicModule;
}

/** Where a service runs. */
export interface ServiceEnvironment {
  /** What a process has in its environment: KAFKA_BROKERS, MONGODB_URI, GRAPEVINE_NAMESPACE, LOG_LEVEL, … */
  readonly variables: Variables;
  /**
   * The services of this process, which then call each other directly and nobody listens. Left out in the split shape:
   * the service listens at its address, and finds the others at theirs.
   */
  readonly registry?: OperationRegistry;
  readonly logger?: Logger;
  readonly clock?: Clock;
  /**
   * Called when a consumer group is behind and has made no progress for a minute, though broker and database answer.
   * By default the process ends with status 1: whoever watches it starts another.
   */
  readonly onStalled?: (group: string) => void;
  /** Aborts when the process is told to end, which it may be before the service has started. */
  readonly stopping?: AbortSignal;
}

export interface RunningService {
  readonly name: ServiceName;
  /** Resolves when its consumer groups have been joined. It takes calls before. */
  ready(): Promise<void>;
  health(): Promise<ServiceHealth>;
  /** A provider of its modules, for tests and tools. */
  get<Provider>(token: Type<Provider>): Provider;
  /**
   * Takes no more calls, answers those under way, stops the consumers, flushes the relay, closes the database: within
   * 8 s beside other services, and within 29 s in a process of its own, as a handler may take 20 s. Safe to call twice.
   */
  close(): Promise<void>;
}
