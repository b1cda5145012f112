/** Where the provider's callbacks reach this instance: the listener writes it, the provider's client reads it. */
export class CallbackRoute {
  /** Undefined until the listener listens. */
  url: string | undefined;
}
