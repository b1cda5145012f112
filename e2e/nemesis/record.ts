import { MongoClient } from 'mongodb';
import { availableOf } from '../support/shop.js';
import type { Api } from '../support/api.js';
import type { AggregateSeen, Booking, FaultSeen, Recording, VariantSeen } from './checker/recording.js';
import type { Load } from './load.js';
import { ordersSeen, seeOrders } from './orders.js';
import { parkedEvents } from './parked.js';
import type { Showing } from './shown/showing.js';
import type { Stage } from './stage.js';
import type { Topics } from './topics.js';
import { declaredGroups } from './declared-groups.js';
import { consumersSeen } from './witnessed.js';
import type { Servers, World } from './world.js';

/** Where everything that a recording needs is. */
export interface Sources {
  readonly world: World;
  readonly stage: Stage;
  readonly load: Load;
  /** Follows all topics since the end of the faults. */
  readonly topics: Topics;
  readonly operator: Api;
  readonly showing: Showing;
  readonly faults: readonly FaultSeen[];
  readonly finalAfterMs: ReadonlyMap<string, number>;
  readonly finalWithinMs: number;
}

/** Writes down everything that anybody can see. @throws while a source can't be read to its end. */
export async function record(sources: Sources): Promise<Recording> {
  const { world, stage, load, topics, operator, faults, showing, finalAfterMs, finalWithinMs } = sources;
  await topics.caughtUp();
  const parked = await parkedEvents(operator);
  const states = await seeOrders(stage, load.bought);
  if (states.size < load.bought.length) throw new Error('not all orders can be seen');
  const books = await bookings(world.sandboxUrl);
  const variants = await variantsSeen(stage);
  const shown = await showing.read(topics.recorded());
  const { outboxes, aggregates } = await aggregatesSeen(world.servers);
  await topics.caughtUp();
  return {
    faults,
    messages: topics.recorded(),
    orders: ordersSeen(states, finalAfterMs),
    books,
    variants,
    shown,
    acknowledged: load.acknowledged,
    lastWords: load.crowd.lastWords,
    opened: [...load.crowd.openings.values()],
    unanswered: load.unanswered,
    parked,
    outboxes,
    aggregates,
    consumers: await consumersSeen(world.witnessFolder),
    declaredGroups: await declaredGroups(),
    finalWithinMs,
  };
}

interface Amount {
  readonly amountMinor: number;
}
interface Statement {
  readonly orderId: string;
  readonly captures: number;
  readonly refunds: number;
  readonly captured: Amount;
  readonly refunded: Amount;
}

/** Several charges for one order are added up. */
async function bookings(sandboxUrl: string): Promise<Booking[]> {
  const response = await fetch(`${sandboxUrl}/books`);
  const { orders } = (await response.json()) as { orders: Statement[] };
  const booked = new Map<string, Booking>();
  for (const { orderId, captures, refunds, captured, refunded } of orders) {
    const before = booked.get(orderId) ?? { captures: 0, refunds: 0, capturedMinor: 0, refundedMinor: 0 };
    booked.set(orderId, {
      orderId,
      captures: before.captures + captures,
      refunds: before.refunds + refunds,
      capturedMinor: before.capturedMinor + captured.amountMinor,
      refundedMinor: before.refundedMinor + refunded.amountMinor,
    });
  }
  return [...booked.values()];
}

const variantsSeen = ({ skus, owner }: Stage): Promise<VariantSeen[]> =>
  Promise.all(
    skus.map(async ({ variantId, initial }) => ({
      variantId,
      initial,
      available: await availableOf(owner, variantId),
    })),
  );

/** All aggregates in the databases of the run, and which of them still have something to publish. */
async function aggregatesSeen({ mongodbUri, namespace }: Servers) {
  const client = await MongoClient.connect(mongodbUri);
  const outboxes: string[] = [];
  const aggregates: AggregateSeen[] = [];
  try {
    const { databases } = await client.db().admin().listDatabases();
    for (const { name } of databases.filter((one) => one.name.startsWith(namespace))) {
      for (const collection of await client.db(name).collections()) {
        const place = `${name}.${collection.collectionName}`;
        const found = collection.find(
          { outbox: { $exists: true }, v: { $gt: 0 } },
          { projection: { v: 1, outboxAt: 1 } },
        );
        for await (const { _id, v, outboxAt } of found) {
          aggregates.push({ place, id: String(_id), version: Number(v) });
          if (outboxAt !== undefined) outboxes.push(`${place}.${String(_id)}`);
        }
      }
    }
  } finally {
    await client.close();
  }
  return { outboxes, aggregates };
}
