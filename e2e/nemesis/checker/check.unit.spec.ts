import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { check } from './check.js';
import { believed, recordedHistory, type PlannedOrder } from './recorded-history.js';
import { histories, type Message, type Recording } from './recording.js';

const plannedOrder: fc.Arbitrary<PlannedOrder> = fc.record({
  variant: fc.integer({ min: 0, max: 1 }),
  quantity: fc.integer({ min: 1, max: 3 }),
  fate: fc.constantFrom('sold', 'sold', 'declined', 'expired'),
});
/** A sale and a cancellation of each kind are always among them, so that there is something to break. */
const CERTAIN: readonly PlannedOrder[] = [
  { variant: 0, quantity: 1, fate: 'sold' },
  { variant: 1, quantity: 2, fate: 'declined' },
];
const recordings = fc
  .tuple(fc.array(plannedOrder, { maxLength: 12 }), fc.array(fc.nat(200), { maxLength: 10 }))
  .map(([plan, copies]) => recordedHistory([...CERTAIN, ...plan], copies));

/** Where a defect may strike: any of the messages that it can be made of, and its copies with it. */
interface Defect {
  readonly where: (message: Message) => boolean;
  readonly break: (recording: Recording, struck: Message) => Recording;
}

const without = (recording: Recording, struck: Message): Recording => ({
  ...recording,
  messages: recording.messages.filter(({ eventId }) => eventId !== struck.eventId),
});

/** Aggregates and consumers agree with the messages, so that what is wrong has to be seen in these. */
const withMessages = (recording: Recording, messages: readonly Message[]): Recording => ({
  ...recording,
  messages,
  ...believed(messages),
});

/** Later events of the aggregate take the place of the missing one, as where the writer itself forgot it. */
const neverWritten = (recording: Recording, struck: Message): Recording =>
  withMessages(
    recording,
    without(recording, struck).messages.map((message) =>
      message.topic === struck.topic && message.subject === struck.subject && message.version > struck.version
        ? { ...message, version: message.version - 1 }
        : message,
    ),
  );

/** The same effect once more, as an event of its own: what a consumer without memory of ids makes of a copy. */
function doneTwice(recording: Recording, struck: Message): Recording {
  const history = histories(recording, struck.topic).get(struck.subject) ?? [];
  const again = { ...struck, eventId: 'event-again', version: history.length + 1, offset: 10_000 };
  return withMessages(recording, [...recording.messages, again]);
}

const isSale = ({ value }: Message): boolean => value.includes('"CONFIRMED"');
const orderIdOf = ({ value }: Message): string => String((JSON.parse(value) as { orderId?: string }).orderId);
const anyOf =
  (...types: string[]) =>
  ({ type }: Message): boolean =>
    types.includes(type);

const withBooking = (recording: Recording, orderId: string, change: object): Recording => ({
  ...recording,
  books: recording.books.map((booking) => (booking.orderId === orderId ? { ...booking, ...change } : booking)),
});

const withConsumers = (recording: Recording, change: (handled: readonly string[]) => string[]): Recording => ({
  ...recording,
  consumers: recording.consumers.map((one) => ({ ...one, handled: change(one.handled) })),
});

const DEFECTS: Readonly<Record<string, Defect>> = {
  'an event was lost between outbox and topic': {
    // Of any kind: the last one of an aggregate leaves no gap, but its aggregate knows how many there were.
    where: () => true,
    break: without,
  },
  'one of the consumers never came by an event': {
    where: () => true,
    break: (recording, { eventId }) => withConsumers(recording, (ids) => ids.filter((id) => id !== eventId)),
  },
  'one of the consumers never ran anywhere': {
    where: () => true,
    break: (recording) => ({
      ...recording,
      consumers: recording.consumers.filter(({ group }) => group !== 'shop.nothing'),
    }),
  },
  'a consumer handled an event before the one that it follows': {
    where: anyOf('order.placed', 'stock.set'),
    break: (recording, { eventId }) =>
      withConsumers(recording, (ids) => [...ids.filter((id) => id !== eventId), eventId]),
  },
  'two events of an aggregate were published in the wrong order (commit order)': {
    where: anyOf('order.placed', 'stock.set'),
    break: (recording, struck) => {
      const rest = without(recording, struck).messages;
      return withMessages(recording, [...rest, struck]);
    },
  },
  'a writer overwrote what another had written (version guard)': {
    where: anyOf('stock.reserved'),
    break: (recording, struck) => {
      const rival = { ...struck, eventId: 'event-rival', value: struck.value.replace(/order-\d+/, 'order-rival') };
      const messages = recording.messages.flatMap((one) => (one === struck ? [one, rival] : [one]));
      return withMessages(recording, messages);
    },
  },
  'a copy was taken for a new event (dedup)': {
    where: anyOf('stock.reserved', 'stock.committed'),
    break: doneTwice,
  },
  'a sale was never taken from the stock': { where: anyOf('stock.committed'), break: neverWritten },
  'a reservation was never written': { where: anyOf('stock.reserved'), break: neverWritten },
  'a copy has another content': {
    where: anyOf('order.placed'),
    break: (recording, struck) => ({
      ...recording,
      messages: [...recording.messages, { ...struck, value: struck.value.replace('PENDING', 'PAID') }],
    }),
  },
  'an order was captured twice': {
    where: isSale,
    break: (recording, { subject }) => withBooking(recording, subject, { captures: 2 }),
  },
  'a sale was not captured': {
    where: isSale,
    break: (recording, { subject }) => withBooking(recording, subject, { captures: 0, capturedMinor: 0 }),
  },
  'a sale was captured in another amount': {
    where: isSale,
    break: (recording, { subject }) => withBooking(recording, subject, { capturedMinor: 1 }),
  },
  'money of a cancelled order was kept': {
    where: anyOf('order.cancelled'),
    break: (recording, { subject }) => withBooking(recording, subject, { captures: 1, capturedMinor: 4900 }),
  },
  'an order went back': {
    where: isSale,
    break: (recording, struck) => doneTwice(recording, { ...struck, value: struck.value.replace('CONFIRMED', 'PAID') }),
  },
  'a cancelled order was sold to all the same': {
    where: anyOf('stock.committed'),
    break: (recording, struck) => ({
      ...recording,
      messages: recording.messages.map((message) =>
        message.subject === orderIdOf(struck)
          ? { ...message, value: message.value.replace('CONFIRMED', 'CANCELLED') }
          : message,
      ),
      orders: recording.orders.map((order) =>
        order.id === orderIdOf(struck) ? { ...order, state: 'CANCELLED' } : order,
      ),
    }),
  },
  'an acknowledged order is nowhere': {
    where: isSale,
    break: (recording, { subject }) =>
      withMessages(
        recording,
        recording.messages.filter((message) => message.subject !== subject),
      ),
  },
  'one key made two orders': {
    where: anyOf('order.placed'),
    break: (recording, { subject }) => ({
      ...recording,
      acknowledged: recording.acknowledged.map((one) =>
        one.id === subject ? { ...one, key: 'key of review-0' } : one,
      ),
    }),
  },
  'an order was made that nobody was told of': {
    where: anyOf('order.placed'),
    break: (recording, { subject }) => ({
      ...recording,
      acknowledged: recording.acknowledged.filter(({ id }) => id !== subject),
    }),
  },
  'an order was final too late': {
    where: anyOf('order.placed'),
    break: (recording, { subject }) => ({
      ...recording,
      orders: recording.orders.map((order) => (order.id === subject ? { ...order, finalAfterMs: 30_001 } : order)),
    }),
  },
  'an order was not final as long as it was watched': {
    where: anyOf('order.placed'),
    break: (recording, { subject }) => ({
      ...recording,
      orders: recording.orders.map((order) => (order.id === subject ? { ...order, finalAfterMs: null } : order)),
    }),
  },
  'the API shows what was available once': {
    where: anyOf('stock.set'),
    break: (recording, { subject }) => ({
      ...recording,
      variants: recording.variants.map((one) =>
        one.variantId === subject ? { ...one, available: (one.available ?? 0) + 1 } : one,
      ),
    }),
  },
  'an outbox is not empty': {
    where: anyOf('order.placed'),
    break: (recording, { subject }) => ({ ...recording, outboxes: [`order.orders.${subject}`] }),
  },
  'a fault struck nobody': {
    where: anyOf('order.placed'),
    break: (recording) => ({ ...recording, faults: recording.faults.map((fault) => ({ ...fault, placing: 0 })) }),
  },
  'nobody went on while a fault lasted': {
    where: anyOf('order.placed'),
    break: (recording) => ({
      ...recording,
      faults: recording.faults.map((fault) => ({ ...fault, underWayAfter: 0, asked: 0 })),
    }),
  },
  'what the run poisoned was parked by nobody': {
    where: anyOf('order.placed'),
    break: (recording, placed) => ({ ...recording, messages: [...recording.messages, poisonLike(placed)] }),
  },
  'a sound event was parked': {
    where: anyOf('order.placed'),
    break: (recording, { eventId }) => ({
      ...recording,
      parked: [{ group: 'catalog.stock', eventId, error: 'TypeError' }],
    }),
  },
};

function poisonLike(message: Message): Message {
  return { ...message, eventId: 'event-poison', subject: 'poison-1', value: '{', poison: true };
}

describe('the checker', () => {
  test('finds nothing wrong with what a flawless shop leaves behind, copies included', () => {
    fc.assert(fc.property(recordings, (recording) => expect(check(recording)).toEqual([])));
  });

  test('lets poison be parked, and requests that were given up be done', () => {
    const recording = recordedHistory(CERTAIN, []);
    const poison = poisonLike(recording.messages[0]!);
    const parked = recording.consumers.map(({ group }) => ({
      group,
      eventId: poison.eventId,
      error: 'InvalidEventError',
    }));
    const poisoned = { ...recording, messages: [...recording.messages, poison], parked };
    expect(check(poisoned)).toEqual([]);
    expect(check({ ...poisoned, acknowledged: recording.acknowledged.slice(1), unanswered: 1 })).toEqual([]);
  });

  test.each(Object.keys(DEFECTS))('sees that %s', (name) => {
    const defect = DEFECTS[name]!;
    fc.assert(
      fc.property(recordings, fc.nat(), (recording, choice) => {
        const places = [...new Map(recording.messages.map((one) => [one.eventId, one])).values()].filter(defect.where);
        const broken = defect.break(recording, places[choice % places.length]!);
        expect(check(broken)).not.toEqual([]);
      }),
    );
  });

  test('sees an oversale', () => {
    const recording = recordedHistory(
      Array.from({ length: 4 }, () => ({ variant: 0, quantity: 2, fate: 'sold' as const })),
      [],
    );
    // The shop had less than it sold, and every count of it agrees.
    const less = recording.variants.map((variant) => ({ ...variant, initial: 4 }));
    expect(check({ ...recording, variants: less })).toContainEqual(expect.stringContaining('are too many'));
  });

  test('sees a reservation that is never released', () => {
    const recording = recordedHistory(CERTAIN, []);
    const struck = recording.messages.find(({ type }) => type === 'stock.released')!;
    const variants = recording.variants.map((one) => ({
      ...one,
      available: one.variantId === struck.subject ? one.initial - 2 : one.available,
    }));
    expect(check({ ...neverWritten(recording, struck), variants })).toEqual([
      'stock: variant-1: order-1 still has pieces set aside',
    ]);
  });
});
