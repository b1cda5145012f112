import { z } from 'zod';
import { loadConfig, ServiceConfig, type Variables } from '#service-kit';
import { GatewayConfig } from '../../gateway/src/config.js';

const DATA_DIR = '.data';
export const isDefaultDataDir = (dataDir: string): boolean => dataDir === DATA_DIR;

const PlatformConfig = z.object({
  /** Relative to the project. */
  dataDir: z.string().default(DATA_DIR),
  port: GatewayConfig.shape.port,
  host: GatewayConfig.shape.host,
  kafkaBrokers: ServiceConfig.shape.kafkaBrokers.optional(),
  mongodbUri: ServiceConfig.shape.mongodbUri.optional(),
  namespace: ServiceConfig.shape.namespace,
  /** What the terminal shows; the log file has at least `info`. */
  logLevel: ServiceConfig.shape.logLevel.unwrap().optional(),
  /** Whether two shops and the people around them are made, once. */
  demonstration: z.enum(['on', 'off'], 'is neither on nor off').default('on'),
  /** How long a broker or a database that does not answer is waited for. */
  waitForServersMs: z.coerce.number().int().min(0).default(20_000),
});
export type PlatformConfig = z.infer<typeof PlatformConfig>;

/** Errors: ConfigError, which names every wrong variable. */
export const loadPlatformConfig = (variables: Variables): PlatformConfig => loadConfig(PlatformConfig, variables);

const ServersConfig = PlatformConfig.extend({
  /** What clients are told, which is what a new Apache Kafka tells them; it listens at both addresses of that name. */
  kafkaHost: z
    .enum(['127.0.0.1', 'localhost', '::1'], 'is not 127.0.0.1, localhost or ::1')
    .default('localhost')
    .meta({ env: 'SERVERS_KAFKA_HOST' }),
  /** Apache Kafka's auto.create.topics.enable, on there, too. Grapevine's own clients never ask for it. */
  autoCreateTopics: z
    .enum(['on', 'off'], 'is neither on nor off')
    .default('on')
    .meta({ env: 'SERVERS_AUTO_CREATE_TOPICS' }),
});

/** Of `npm run servers`. Errors: ConfigError. */
export const loadServersConfig = (variables: Variables): z.infer<typeof ServersConfig> =>
  loadConfig(ServersConfig, { ...variables, KAFKA_BROKERS: '', MONGODB_URI: '' });

/** What the process was given. */
export const environment: Variables = process.env;
