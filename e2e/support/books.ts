/** What the payment provider booked for an order. Amounts in minor units. */
export interface Booked {
  readonly orderId: string;
  readonly state: string;
  readonly captures: number;
  readonly refunds: number;
}

/** The provider's own books, as it shows them to anybody: the order service has no part in this. */
export async function booksOf(sandboxUrl: string): Promise<Map<string, Booked>> {
  const response = await fetch(`${sandboxUrl}/books`);
  const { orders } = (await response.json()) as { orders: Booked[] };
  return new Map(orders.map((booked) => [booked.orderId, booked]));
}
