import { z } from 'zod';
import { ServiceConfig } from '#service-kit';
import { CHECKOUT_POLICY, type CheckoutPolicy } from './order/order.policy.js';
import { CIRCUIT_POLICY, type CircuitPolicy } from './payment/circuit.js';

const milliseconds = (variable: string, byDefault: number) =>
  z.coerce.number().int('is not a whole number').min(1, 'is less than 1').default(byDefault).meta({ env: variable });

export const OrderConfig = ServiceConfig.extend({
  /** Where the payment provider is. */
  paymentSandboxUrl: z.url().default('http://127.0.0.1:4110'),
  /** Shared with the provider, who signs its callbacks by it. The default is the sandbox's, which moves no money. */
  paymentSecret: z
    .string()
    .startsWith('whsec_', 'does not begin with whsec_')
    .default('whsec_Z3JhcGV2aW5lLXBheW1lbnQtc2FuZGJveC1zZWNyZXQ='),
  /** Where the provider's callbacks are listened for. */
  paymentCallbackHost: z.string().default('127.0.0.1'),
  /** 0 for any that is free. */
  paymentCallbackPort: z.coerce.number().int().min(0).max(65_535).default(0),
  /** Where the provider finds the callbacks when it is on another machine. */
  paymentCallbackUrl: z.url().optional(),
  paymentDeadlineMs: milliseconds('PAYMENT_DEADLINE_MS', 2_000),
  paymentMaxCalls: z.coerce.number().int('is not a whole number').min(1).default(CIRCUIT_POLICY.maxCalls),
  reserveMs: milliseconds('ORDER_RESERVE_MS', CHECKOUT_POLICY.reserveMs),
  payMs: milliseconds('ORDER_PAY_MS', CHECKOUT_POLICY.payMs),
  slackMs: milliseconds('ORDER_SLACK_MS', CHECKOUT_POLICY.slackMs),
  captureMarginMs: milliseconds('ORDER_CAPTURE_MARGIN_MS', CHECKOUT_POLICY.captureMarginMs),
  graceMs: milliseconds('ORDER_GRACE_MS', CHECKOUT_POLICY.graceMs),
  retryMs: milliseconds('ORDER_RETRY_MS', CHECKOUT_POLICY.retry.firstMs),
  sweepMs: milliseconds('ORDER_SWEEP_MS', 500),
});
export type OrderConfig = z.infer<typeof OrderConfig>;

export const policyOf = (config: OrderConfig): CheckoutPolicy => ({
  ...CHECKOUT_POLICY,
  reserveMs: config.reserveMs,
  payMs: config.payMs,
  slackMs: config.slackMs,
  captureMarginMs: config.captureMarginMs,
  graceMs: config.graceMs,
  retry: { ...CHECKOUT_POLICY.retry, firstMs: config.retryMs },
});

export const circuitOf = ({ paymentMaxCalls: maxCalls }: OrderConfig): CircuitPolicy => ({
  ...CIRCUIT_POLICY,
  maxCalls,
});

export const environment = process.env;
