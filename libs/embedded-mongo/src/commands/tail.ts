import { setTimeout as delay } from 'node:timers/promises';
import { badValue, Code, failedToParse, MongoError } from '../errors.js';
import type { Filter } from '../match/filter.js';
import type { SortField } from '../match/sort.js';
import { Hit, type Deadline } from '../query/execute.js';
import { Pace } from '../query/pace.js';
import type { Collection } from '../storage/collection.js';
import { isTrue } from '../bson/document.js';
import type { Command } from './command.js';
import type { Tail } from './cursors.js';

/** How often who waits for a document looks whether one has come. */
const LOOK_MS = 20;
/** What a getMore waits at most when it does not say. */
const DEFAULT_WAIT_MS = 1_000;

export interface TailedFind {
  filter: Filter;
  skip: number;
  limit: number | undefined;
  resultOf: ((hit: Hit) => Buffer) | undefined;
}

/** A find on a capped collection that goes on with what is inserted behind the last document that it has seen. */
export class CappedTail implements Tail {
  private last = 0;
  private position = 0;

  constructor(
    private readonly collection: Collection,
    private readonly find: TailedFind,
    private readonly command: Command,
  ) {}

  /** It ends with its limit; one that has seen no document has no place to go on from. */
  get goesOn(): boolean {
    const { skip, limit = Infinity } = this.find;
    return this.last > 0 && this.position < skip + limit;
  }

  /** What has come since. Throws CappedPositionLost when documents may have left that it has not seen. */
  *results(deadline?: Deadline): Generator<Buffer | undefined> {
    this.checkPlace();
    const { filter, skip, limit = Infinity, resultOf } = this.find;
    const pace = new Pace();
    for (const { record, bytes } of this.collection.scanAfter(this.last)) {
      deadline?.check();
      this.last = record;
      const hit = new Hit(record, bytes);
      if (filter.matches(hit.document) && this.position++ >= skip) yield resultOf ? resultOf(hit) : bytes;
      if (this.position >= skip + limit) return;
      if (!pace.isOver) continue;
      yield undefined;
      pace.goOn();
    }
  }

  waitMs(maxTimeMs: number | undefined): number {
    return this.command.flag('awaitData') ? (maxTimeMs ?? DEFAULT_WAIT_MS) : 0;
  }

  async change(until: number, isAwaited: () => boolean): Promise<void> {
    const { changes } = this.collection;
    while (this.collection.changes === changes && performance.now() < until && isAwaited()) await delay(LOOK_MS);
  }

  private checkPlace(): void {
    const { store, database, collectionName } = this.command;
    if (store.collection(database, collectionName) !== this.collection) {
      throw new MongoError(Code.QueryPlanKilled, 'collection dropped or renamed between getMore calls');
    }
    if (this.last === 0 || this.collection.get(this.last)) return;
    const text = 'CollectionScan died due to position in capped collection being deleted. Last seen record id: ';
    throw new MongoError(Code.CappedPositionLost, `${text}${this.last}`);
  }
}

/** Undefined for a find that ends with what is there. Throws for one that cannot be otherwise. */
export function tailOf(command: Command, find: TailedFind & { sort: SortField[] }): CappedTail | undefined {
  if (!command.flag('tailable')) {
    if (command.flag('awaitData')) throw failedToParse("Cannot set 'awaitData' without also setting 'tailable'");
    return undefined;
  }
  const { collection } = command;
  if (!collection) return undefined;
  if (!isTrue(collection.options.capped)) {
    throw badValue(
      `error processing query: ns=${command.namespace} Tailable cursor requested on non capped collection`,
    );
  }
  const [order] = find.sort;
  if (order && (order.path !== '$natural' || order.descending)) {
    throw badValue('cannot use tailable option with a sort other than {$natural: 1}');
  }
  return new CappedTail(collection, find, command);
}
