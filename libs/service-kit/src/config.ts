import { z } from 'zod';
import type { ServiceName } from '#contracts';
import { problemOf } from './problem.js';

/** Where configuration comes from: `process.env`, or what a launcher or a test makes up. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** Something in the environment is missing or wrong. The message names each variable. code CONFIG */
export class ConfigError extends Error {
  readonly code = 'CONFIG';
  constructor(readonly problems: readonly string[]) {
    super(`The configuration is not complete:\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
  }
}

const Brokers = z
  .string('is missing: host:port, several separated by commas')
  .transform((list) => list.split(',').map((broker) => broker.trim()))
  .pipe(z.array(z.string().regex(/^[^\s:]+:\d{1,5}$/, 'is not a list of host:port')).min(1));

/** Several instances of a service are separated by commas; the service itself listens at the first. */
const address = (variable: string, port: number) =>
  z
    .string()
    .regex(/^tcp:\/\/[^\s:/,]+:\d{1,5}(,tcp:\/\/[^\s:/,]+:\d{1,5})*$/, 'is not of the form tcp://host:port')
    .default(`tcp://127.0.0.1:${port}`)
    .meta({ env: variable });

/**
 * What every service needs of its environment. A variable is named as its key in capitals (kafkaBrokers: KAFKA_BROKERS)
 * unless its metadata name it. A service extends it: `ServiceConfig.extend({ paymentUrl: z.url() })` reads PAYMENT_URL.
 */
export const ServiceConfig = z.object({
  kafkaBrokers: Brokers,
  mongodbUri: z
    .string('is missing: mongodb://host:port')
    .regex(/^mongodb(\+srv)?:\/\/.+/, 'is not a mongodb:// address'),
  /** Prefix of topics, groups and database names, so that several Grapevines share a broker and a database. */
  namespace: z
    .string()
    .regex(/^[a-z0-9-]{0,40}$/, 'has other characters than a-z, 0-9 and dashes, or is longer than 40')
    .default('')
    .meta({ env: 'GRAPEVINE_NAMESPACE' }),
  /** In the split shape: where the service serves /metrics, /livez and /readyz over HTTP; nowhere by default. */
  metricsPort: z.coerce
    .number('is no number')
    .int('is no port')
    .min(0, 'is no port')
    .max(65_535, 'is no port')
    .optional()
    .meta({ env: 'GRAPEVINE_METRICS_PORT' }),
  metricsHost: z.string().default('127.0.0.1').meta({ env: 'GRAPEVINE_METRICS_HOST' }),
  /** How long a consumer group may be behind without progress, while broker and database answer, before the process ends. */
  stalledAfterMs: z.coerce
    .number('is no number')
    .int('is no whole number')
    .min(1_000, 'is less than 1000')
    .default(60_000)
    .meta({ env: 'GRAPEVINE_STALLED_AFTER_MS' }),
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  identityUrl: address('GRAPEVINE_IDENTITY_URL', 4101),
  catalogUrl: address('GRAPEVINE_CATALOG_URL', 4102),
  orderUrl: address('GRAPEVINE_ORDER_URL', 4103),
  socialFeedUrl: address('GRAPEVINE_SOCIAL_FEED_URL', 4104),
  reputationUrl: address('GRAPEVINE_REPUTATION_URL', 4105),
});
export type ServiceConfig = z.infer<typeof ServiceConfig>;

/** Where the services listen in the split shape. */
export interface ServiceAddress {
  readonly host: string;
  readonly port: number;
}

const URLS: Partial<Record<ServiceName, keyof ServiceConfig>> = {
  identity: 'identityUrl',
  catalog: 'catalogUrl',
  order: 'orderUrl',
  'social-feed': 'socialFeedUrl',
  reputation: 'reputationUrl',
};

/** Of every instance; none for what answers no operations (the gateway). */
export function addressesOf(service: ServiceName, config: ServiceConfig): readonly ServiceAddress[] {
  const key = URLS[service];
  const urls = key ? String(config[key]).split(',') : [];
  return urls.map((url) => {
    const { hostname, port } = new URL(url);
    return { host: hostname, port: Number(port) };
  });
}

/** Where the service listens. Undefined for what answers no operations (the gateway). */
export const addressOf = (service: ServiceName, config: ServiceConfig): ServiceAddress | undefined =>
  addressesOf(service, config)[0];

const inCapitals = (key: string): string => key.replaceAll(/[A-Z]/g, '_$&').toUpperCase();

const variableOf = (key: string, field: z.core.$ZodType | undefined): string => {
  const named = field instanceof z.ZodType ? field.meta()?.env : undefined;
  return typeof named === 'string' ? named : inCapitals(key);
};

/** Reads a configuration; an empty variable counts as none. Errors: ConfigError, which names every wrong variable. */
export function loadConfig<Schema extends z.ZodObject>(schema: Schema, variables: Variables): z.infer<Schema> {
  const names = Object.fromEntries(Object.entries(schema.shape).map(([key, field]) => [key, variableOf(key, field)]));
  const given = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, variables[name] || undefined]));
  const parsed = schema.safeParse(given, { error: problemOf });
  if (parsed.success) return parsed.data;
  throw new ConfigError(
    parsed.error.issues.map(({ path: [key], message }) => `${names[String(key)] ?? String(key)} ${message}`),
  );
}
