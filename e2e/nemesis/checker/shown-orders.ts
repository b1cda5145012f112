import { z } from 'zod';
import { addTo, compareLists, newestFirst } from './lists.js';
import { orderShown } from './order-shown.js';
import { histories, type Booking, type Check, type Message, type Recording } from './recording.js';
import type { OrderShown } from './shown.js';

const Amount = z.object({ amountMinor: z.number() });
const Order = z.object({
  number: z.string(),
  state: z.string(),
  merchantId: z.string(),
  buyerProfileId: z.string(),
  total: Amount,
  payment: z.object({ state: z.string(), captured: Amount, refunded: Amount }),
  cancellationCode: z.string().nullish(),
  shareCode: z.string().nullish(),
  lines: z.array(z.object({ id: z.string(), variantId: z.string(), quantity: z.number(), title: z.string() })),
});
const State = z.object({ state: z.string() });

interface OrderTold extends OrderShown {
  readonly merchantId: string;
  readonly buyerProfileId: string;
}

function orderTold(orderId: string, history: readonly Message[]): OrderTold[] {
  const last = history.at(-1);
  if (last === undefined) return [];
  const { merchantId, buyerProfileId, ...order } = Order.parse(JSON.parse(last.value));
  const states = history.map(({ value }) => State.parse(JSON.parse(value)).state);
  return [
    {
      ...orderShown(orderId, {
        ...order,
        cancellationCode: order.cancellationCode ?? null,
        shareCode: order.shareCode ?? null,
        // An event that only tells of the payment repeats the state.
        passed: states.filter((one, index) => one !== states[index - 1]),
      }),
      merchantId,
      buyerProfileId,
    },
  ];
}

/** Merchants and buyers see all their orders, each as it was last told, with the money that the provider booked. */
export const checkShownOrders: Check = (recording) => {
  const { merchants, readers } = recording.shown;
  if (merchants.length + readers.length === 0) return [];
  const told = ordersTold(recording);
  const [byMerchant, byBuyer] = [new Map<string, string[]>(), new Map<string, string[]>()];
  for (const { orderId, merchantId, buyerProfileId } of told.values()) {
    addTo(byMerchant, merchantId, orderId);
    addTo(byBuyer, buyerProfileId, orderId);
  }
  const books = new Map(recording.books.map((booking) => [booking.orderId, booking]));
  const listed = (what: string, list: readonly string[], due: readonly string[] = []): string[] =>
    compareLists(what, list, newestFirst(due));
  return [
    ...readers.flatMap((one) => listed(`orders of ${one.profileId}`, one.orders, byBuyer.get(one.profileId))),
    ...merchants.flatMap(({ merchantId, orders }) => [
      ...listed(
        `orders of ${merchantId}`,
        orders.map(({ orderId }) => orderId),
        byMerchant.get(merchantId),
      ),
      ...orders.flatMap((shown) => differences(shown, told.get(shown.orderId), books.get(shown.orderId))),
    ]),
  ];
};

const ordersTold = (recording: Recording): Map<string, OrderTold> =>
  new Map(
    [...histories(recording, 'order.order.v1')].flatMap(([orderId, history]) =>
      orderTold(orderId, history).map((order) => [orderId, order] as const),
    ),
  );

function differences(shown: OrderShown, told: OrderTold | undefined, booked: Booking | undefined): string[] {
  if (told === undefined) return [];
  const { merchantId: _, buyerProfileId: __, ...due } = told;
  const { capturedMinor = 0, refundedMinor = 0 } = booked ?? {};
  const { payment } = shown;
  const [is, was] = [inWords(shown), inWords(due)];
  return [
    ...(is === was ? [] : [`${shown.orderId} shows ${is}, it told ${was}`]),
    ...(payment.capturedMinor === capturedMinor && payment.refundedMinor === refundedMinor
      ? []
      : [
          `${shown.orderId} shows ${payment.capturedMinor} captured and ${payment.refundedMinor} refunded, ` +
            `the provider booked ${capturedMinor} and ${refundedMinor}`,
        ]),
  ];
}

const inWords = ({
  number,
  state,
  totalMinor,
  payment,
  cancellationCode,
  shareCode,
  lines,
  passed,
}: OrderShown): string =>
  [
    number,
    state,
    totalMinor,
    payment.state,
    payment.capturedMinor,
    payment.refundedMinor,
    cancellationCode ?? '-',
    shareCode ?? '-',
    ...lines,
    passed.join('>'),
  ].join(' ');
