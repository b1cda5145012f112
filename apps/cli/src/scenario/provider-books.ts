import { z } from 'zod';

const Books = z.object({
  orders: z.array(
    z.object({
      orderId: z.string(),
      state: z.string(),
      captures: z.int(),
      refunds: z.int(),
      captured: z.object({ amountMinor: z.int() }),
      refunded: z.object({ amountMinor: z.int() }),
    }),
  ),
});
export type Booked = z.infer<typeof Books>['orders'][number];

/** The payment provider's own books: the platform has no part in them. */
export class ProviderBooks {
  constructor(private readonly url: string) {}

  /** Everything that was ever asked of the provider. */
  async all(): Promise<readonly Booked[]> {
    return this.read('/books');
  }

  async of(orderId: string): Promise<readonly Booked[]> {
    return this.read(`/books?orderId=${encodeURIComponent(orderId)}`);
  }

  private async read(path: string): Promise<readonly Booked[]> {
    const response = await fetch(`${this.url}${path}`, { signal: AbortSignal.timeout(30_000) });
    if (!response.ok) throw new Error(`the payment provider answered ${response.status}`);
    return Books.parse(await response.json()).orders;
  }
}
