import type { Money } from '#contracts';
import type { PaymentStep, ProviderTruth } from './payment.js';

/** What a call is about. The key of the charge and of each call is made from order and step. */
export interface ChargeRequest {
  readonly orderId: string;
  readonly amount: Money;
}
export interface AuthorizeRequest extends ChargeRequest {
  readonly token: string;
  /** When the order stops waiting for the money. */
  readonly respondBy: Date;
}

/**
 * A payment provider. Every call is idempotent for order and step, and answers all that the provider knows of the
 * charge, also when it refuses. Errors: UnansweredError.
 */
export abstract class PaymentProvider {
  abstract authorize(request: AuthorizeRequest): Promise<ProviderTruth>;
  abstract capture(request: ChargeRequest): Promise<ProviderTruth>;
  /** Also keeps an authorisation that has not arrived yet from ever being made. */
  abstract void(request: ChargeRequest): Promise<ProviderTruth>;
  abstract refund(request: ChargeRequest): Promise<ProviderTruth>;
  /** Null: the provider has not seen an authorisation of this order so far. */
  abstract find(orderId: string): Promise<ProviderTruth | null>;
}

/** Nobody knows whether a call had its effect: no answer in time, or none that can be understood. code ORDER.UNANSWERED */
export class UnansweredError extends Error {
  readonly code = 'ORDER.UNANSWERED';

  constructor(
    message: string,
    /** The provider works, though it was not understood: others may well be answered. */
    readonly isHeard: boolean,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The provider's idempotency key of a step. */
export const keyOf = (orderId: string, step: PaymentStep): string => `${orderId}:${step}`;
