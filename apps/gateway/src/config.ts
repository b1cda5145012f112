import { z } from 'zod';
import { ServiceConfig } from '#service-kit';

/** Token of the gateway's configuration. */
export const GATEWAY_CONFIG = Symbol('GATEWAY_CONFIG');

const WITHOUT_SLASH = (url: string): string => url.replace(/\/+$/, '');
const HttpUrl = z.url({ protocol: /^https?$/, error: 'is not an http(s) address' }).transform(WITHOUT_SLASH);

/** The gateway stores nothing, so that it needs no database. */
export const GatewayConfig = ServiceConfig.omit({ mongodbUri: true }).extend({
  port: z.coerce.number('is no number').int('is no port').min(0, 'is no port').max(65_535, 'is no port').default(4000),
  host: z.string().default('127.0.0.1'),
  /** The shop that share links lead to. */
  storefrontUrl: HttpUrl.default('http://localhost:3000'),
  /** Where clients reach the gateway, if not at the address that it listens on; share links begin with it. */
  publicUrl: HttpUrl.optional(),
  /** Sites whose pages may call the API, separated by commas; every site by default: nothing here rests on cookies. */
  corsOrigins: z
    .string()
    .default('*')
    .transform((list) => list.split(',').map((origin) => origin.trim())),
  /** Proxies in front whose X-Forwarded-For counts, as Fastify's trustProxy takes them: addresses or ranges. */
  trustedProxies: z.string().optional(),
  /** How long a service may take to answer, in milliseconds. */
  callDeadlineMs: z.coerce.number().int().min(50).max(30_000).default(2_000),
  /** The same for what changes something: whoever gives up early does not know whether it happened. */
  commandDeadlineMs: z.coerce.number().int().min(50).max(60_000).default(10_000),
});
export type GatewayConfig = z.infer<typeof GatewayConfig>;

/** What the gateway is told when it runs alone. */
export const environment = process.env;
