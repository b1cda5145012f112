import { z } from 'zod';
import { idOf, Price } from '#contracts';
import { callHttp, type HttpCall } from '#service-kit';
import { PROVIDER_STATES, type PaymentStep, type ProviderTruth } from './payment.js';
import {
  keyOf,
  PaymentProvider,
  UnansweredError,
  type AuthorizeRequest,
  type ChargeRequest,
} from './payment.provider.js';

/** A charge as the provider tells it, in answers and callbacks. */
export const ChargeStatement = z.object({
  key: z.string(),
  orderId: idOf('order'),
  state: z.enum(PROVIDER_STATES),
  amount: Price,
  captured: Price,
  refunded: Price,
});
const Refusal = z.object({ code: z.string(), charge: ChargeStatement });

export interface SandboxOptions {
  /** `http://host:port` */
  readonly url: string;
  readonly deadlineMs: number;
  /** Where the provider finds this instance, once it listens. */
  callbackUrl(): string | undefined;
}

/** The sandbox provider, over HTTP. */
export class SandboxPaymentProvider extends PaymentProvider {
  constructor(private readonly options: SandboxOptions) {
    super();
  }

  authorize({ orderId, amount, token, respondBy }: AuthorizeRequest): Promise<ProviderTruth> {
    return this.post('authorize', '/authorizations', { orderId, amount, token, respondBy });
  }

  capture(request: ChargeRequest): Promise<ProviderTruth> {
    return this.change('capture', '/captures', request);
  }

  void(request: ChargeRequest): Promise<ProviderTruth> {
    return this.change('void', '/voids', request);
  }

  refund(request: ChargeRequest): Promise<ProviderTruth> {
    return this.change('refund', '/refunds', request);
  }

  async find(orderId: string): Promise<ProviderTruth | null> {
    const key = keyOf(orderId, 'authorize');
    const { status, body } = await this.send(`/authorizations?key=${encodeURIComponent(key)}`, {});
    return status === 404 ? null : toTruth(orderId, status, body);
  }

  private change(step: PaymentStep, path: string, { orderId, amount }: ChargeRequest): Promise<ProviderTruth> {
    return this.post(step, path, { authorizationKey: keyOf(orderId, 'authorize'), orderId, amount });
  }

  private async post(
    step: PaymentStep,
    path: string,
    body: { readonly orderId: string; readonly [field: string]: unknown },
  ): Promise<ProviderTruth> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': keyOf(body.orderId, step) };
    const answer = await this.send(path, { method: 'POST', headers, body: JSON.stringify(body) });
    return toTruth(body.orderId, answer.status, answer.body);
  }

  private async send(path: string, call: Omit<HttpCall, 'deadlineMs'>): Promise<{ status: number; body: unknown }> {
    const callbackUrl = this.options.callbackUrl();
    const headers = { ...call.headers, ...(callbackUrl ? { 'callback-url': callbackUrl } : {}) };
    const { url, deadlineMs } = this.options;
    try {
      const { status, body } = await callHttp(`${url}${path}`, { ...call, headers, deadlineMs });
      return { status, body: JSON.parse(body) as unknown };
    } catch (error) {
      throw new UnansweredError('the payment provider did not answer', false, { cause: error });
    }
  }
}

/** A refusal tells the charge as it is, which is all that the saga needs to go on. */
function toTruth(orderId: string, status: number, body: unknown): ProviderTruth {
  const parsed = status === 409 ? Refusal.safeParse(body) : ChargeStatement.safeParse(body);
  const charge = parsed.success && ('charge' in parsed.data ? parsed.data.charge : parsed.data);
  if (!charge || charge.orderId !== orderId)
    throw new UnansweredError(`the payment provider answered ${status}`, status < 500);
  return charge;
}
