import { z } from 'zod';
import { histories, type Check, type Message, type Recording } from './recording.js';

const Order = z.object({ orderId: z.string().default(''), shareCode: z.string().nullish() });
const Link = z.object({ code: z.string(), clicks: z.number().default(0) });

/** Sales that came through each code. */
function salesByCode(recording: Recording): Map<string, number> {
  const sales = new Map<string, number>();
  for (const history of histories(recording, 'order.order.v1').values()) {
    const confirmed = history.find(({ type }) => type === 'order.confirmed');
    const code = confirmed && Order.parse(JSON.parse(confirmed.value)).shareCode;
    if (code) sales.set(code, (sales.get(code) ?? 0) + 1);
  }
  return sales;
}

interface LinkTold {
  readonly clicks: number;
  /** Orders that were told to have come through it. */
  readonly orders: number;
}

function linksTold(recording: Recording): Map<string, LinkTold> {
  const told = new Map<string, LinkTold>();
  for (const history of histories(recording, 'social.engagement.v1').values()) {
    const [first] = history;
    if (first?.type !== 'share-link.created') continue;
    const { code } = Link.parse(JSON.parse(first.value));
    told.set(code, { clicks: clicksOf(history), orders: ordersOf(history) });
  }
  return told;
}

const clicksOf = (history: readonly Message[]): number =>
  history.filter(({ type }) => type === 'share-link.clicked').length;
const ordersOf = (history: readonly Message[]): number => {
  const told = history.filter(({ type }) => type === 'share-link.ordered');
  return new Set(told.map(({ value }) => Order.parse(JSON.parse(value)).orderId)).size;
};

/** A share link counts each sale that came through it once, and each time that somebody opened it. */
export const checkLinks: Check = (recording) => {
  const { shown, opened } = recording;
  const [sales, told] = [salesByCode(recording), linksTold(recording)];
  const openings = new Map(opened.map((one) => [one.code, one]));
  const there = new Set(shown.links.map(({ code }) => code));
  return [
    ...opened.filter(({ code }) => !there.has(code)).map(({ code }) => `${code} was made, and is not there`),
    ...shown.links.flatMap(({ code, clicks, orders }) => {
      const due = sales.get(code) ?? 0;
      const { asked, answered } = openings.get(code) ?? { asked: 0, answered: 0 };
      const events = told.get(code);
      if (events === undefined) return [`${code} is shown, and was never told of`];
      if (orders !== due || events.orders !== due)
        return [`${code} shows ${orders} orders, and told of ${events.orders}; ${due} were confirmed`];
      if (clicks !== events.clicks) return [`${code} shows ${clicks} clicks, and told of ${events.clicks}`];
      const isPossible = clicks >= answered && clicks <= asked;
      return isPossible ? [] : [`${code} shows ${clicks} clicks; ${asked} were made, ${answered} were answered`];
    }),
  ];
};
