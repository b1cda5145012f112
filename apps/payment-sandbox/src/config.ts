import { z } from 'zod';
import { loadConfig, ServiceConfig, type Variables } from '#service-kit';
import type { Delays } from './charge/charge.js';

/** Shared with a shop that has not been told another: the sandbox moves no money, so there is nothing to protect. */
export const SANDBOX_SECRET = 'whsec_Z3JhcGV2aW5lLXBheW1lbnQtc2FuZGJveC1zZWNyZXQ=';

const delay = (variable: string) => z.coerce.number().int().min(0).optional().meta({ env: variable });

const SandboxConfig = ServiceConfig.pick({ mongodbUri: true, namespace: true, logLevel: true }).extend({
  host: z.string().default('127.0.0.1').meta({ env: 'PAYMENT_SANDBOX_HOST' }),
  port: z.coerce.number().int().min(0).max(65_535).default(4110).meta({ env: 'PAYMENT_SANDBOX_PORT' }),
  paymentSecret: z.string().startsWith('whsec_', 'does not begin with whsec_').default(SANDBOX_SECRET),
  decideMs: delay('PAYMENT_SANDBOX_DECIDE_MS'),
  lateMs: delay('PAYMENT_SANDBOX_LATE_MS'),
  silenceMs: delay('PAYMENT_SANDBOX_SILENCE_MS'),
  authorizationMs: delay('PAYMENT_SANDBOX_AUTHORIZATION_MS'),
  callbackRetryMs: delay('PAYMENT_SANDBOX_CALLBACK_RETRY_MS'),
});

/** What `startPaymentSandbox` needs, but a logger. Errors: ConfigError, which names every wrong variable. */
export function loadSandboxConfig(variables: Variables) {
  const { mongodbUri, namespace, logLevel, host, port, paymentSecret, ...given } = loadConfig(SandboxConfig, variables);
  const delays: Partial<Delays> = Object.fromEntries(Object.entries(given).filter(([, ms]) => ms !== undefined));
  return { mongodbUri, namespace, logLevel, host, port, secret: paymentSecret, delays };
}

export const environment = process.env;
