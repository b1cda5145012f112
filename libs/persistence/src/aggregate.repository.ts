import { setTimeout as pause } from 'node:timers/promises';
import type { Connection, mongo, QueryFilter } from 'mongoose';
import { typeIds, type NewEvent } from '#contracts';
import { DocumentCollection, type CollectionDefinition, type WithId } from './collection.js';
import { areAllDuplicateKeys, ContentionError, DuplicateKeyError, duplicateIndexOf, isDuplicateKey } from './errors.js';
import { KeyedQueue } from './keyed-queue.js';
import { checkOutboxLimits, stampEvents, type OutboxEntry } from './outbox.js';
import { changedFields, restoredFrom, type KnownState } from './restored.js';

/** What the store keeps in an aggregate's document beside its state. A state has no fields of these names. */
export interface StoreFields extends WithId {
  /** How many events the aggregate has emitted: the version of the last one. */
  v: number;
  /** Goes up with every write, and guards it. */
  rev: number;
  outbox: OutboxEntry[];
  /** There while the outbox is not empty: since when. */
  outboxAt?: Date;
  /** The last 50 commands that changed it. */
  commands: string[];
}
export type AggregateDocument<State> = State & StoreFields;

export interface Stored<State> {
  readonly id: string;
  /** Version of its last event. */
  readonly version: number;
  readonly state: State;
}

/** What is to be written. Without state and events, nothing is. */
export interface Decision<State, Result = undefined> {
  readonly state?: State;
  readonly events?: readonly NewEvent[];
  readonly result?: Result;
}
export interface Outcome<State, Result = undefined> {
  readonly stored: Stored<State>;
  /** What decide returned; undefined when the command had been done before. */
  readonly result?: Result;
  /** The command was found in the document's ring: nothing was decided or written. */
  readonly repeated: boolean;
}
/**
 * Gets all events of the aggregate that may be unpublished, in order: those of the write, and those that were in the
 * outbox when it was loaded, of which some may have been published since.
 */
export type EventsListener = (id: string, pending: readonly OutboxEntry[]) => void;

export interface WriteOptions {
  /** Names the command, so that doing it again changes nothing. */
  readonly commandId?: string;
}
export interface FindOptions {
  readonly sort?: Record<string, 1 | -1>;
  readonly limit?: number;
}

const COMMANDS_KEPT = 50;
const ATTEMPTS = 50;
/**
 * Whoever pauses after a lost race loses the next one too, to those that did not: it loads what a write under way is about to
 * change. Run again at once, it loads with the winner, and has the same chance.
 */
const ATTEMPTS_AT_ONCE = 25;
const STORE_FIELDS = new Set(['_id', 'v', 'rev', 'outbox', 'outboxAt', 'commands']);

/**
 * Aggregates of one kind, each one document with its state, its unpublished events and the commands done last: one
 * atomic write changes all of it. Events are published by the relay of #messaging.
 */
export class AggregateRepository<State extends object> extends DocumentCollection<AggregateDocument<State>> {
  private readonly queue = new KeyedQueue();
  private readonly listeners = new Set<EventsListener>();
  /** Of what was handed out, for those who come back with it. */
  private readonly documents = new WeakMap<Stored<State>, AggregateDocument<State>>();

  constructor(
    connection: Connection,
    definition: CollectionDefinition,
    private readonly now: () => Date = () => new Date(),
  ) {
    super(connection, {
      ...definition,
      indexes: [...definition.indexes, [{ outboxAt: 1 }, { partialFilterExpression: { outboxAt: { $exists: true } } }]],
    });
  }

  /** Calls the listener right after each write that left events in an outbox. Returns the way to end that. */
  onEventsWritten(listener: EventsListener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  async find(id: string): Promise<Stored<State> | null> {
    const document = await this.load(id);
    return document && this.handOut(document);
  }

  /** Those that exist of these ids, in any order. */
  findMany(ids: readonly string[]): Promise<Stored<State>[]> {
    return this.findWhere({ _id: { $in: ids } } as QueryFilter<AggregateDocument<State>>);
  }

  /** Each filter needs an index; the service's explain test names it. */
  async findWhere(filter: QueryFilter<AggregateDocument<State>>, options: FindOptions = {}): Promise<Stored<State>[]> {
    const documents = await this.driverCollection<StoreFields>()
      .find(filter as mongo.Filter<StoreFields>, { ...options, projection: { outbox: 0, commands: 0 } })
      .toArray();
    return (documents as AggregateDocument<State>[]).map((document) => this.toStored(document));
  }

  /**
   * Writes a new aggregate with its first events. The same command again finds its own document and changes nothing.
   * @throws DuplicateKeyError when the id or a value under a unique index is another's.
   */
  async insert(
    id: string,
    state: State,
    events: readonly NewEvent[],
    { commandId }: WriteOptions = {},
  ): Promise<Outcome<State>> {
    const document = this.newDocument(id, state, events, commandId);
    try {
      await this.driverCollection<StoreFields>().insertOne(document);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
      const existing = await this.load(id);
      if (existing === null) throw new DuplicateKeyError(this.definition.name, duplicateIndexOf(error));
      if (commandId === undefined || !existing.commands.includes(commandId))
        throw new DuplicateKeyError(this.definition.name, '_id_');
      return { stored: this.handOut(existing), repeated: true };
    }
    if (document.outbox.length > 0) this.notify(id, document.outbox);
    return { stored: this.handOut(document), repeated: false };
  }

  /**
   * Loads, decides, and writes if nobody else wrote meanwhile; otherwise decides again on what is there now.
   * `decide` may run several times and must have no effect of its own. Null when there is no such aggregate.
   * @param of its id, or what `find`, `insert` or `mutate` said of it a moment ago: that is decided on first, and saves the
   * loading where it is what is still there, which the write's guard knows. What writes nothing is decided on what was loaded.
   * @throws ContentionError after 50 lost races; OutboxFullError, InvalidEventError.
   */
  mutate<Result = undefined>(
    of: string | Stored<State>,
    decide: (state: State, stored: Stored<State>) => Decision<State, Result> | Promise<Decision<State, Result>>,
    { commandId }: WriteOptions = {},
  ): Promise<Outcome<State, Result> | null> {
    const id = typeof of === 'string' ? of : of.id;
    return this.queue.run(id, async () => {
      let known = typeof of === 'string' ? undefined : this.documents.get(of);
      for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
        const document = known ?? (await this.load(id));
        if (document === null) return null;
        const stored = this.handOut(document);
        if (commandId !== undefined && document.commands.includes(commandId)) return { stored, repeated: true };
        try {
          const decision = await decide(stored.state, stored);
          const written = await this.write(document, stored, decision, commandId);
          const isSettled = written !== undefined && (known === undefined || written !== stored);
          if (isSettled) return { stored: written, result: decision.result, repeated: false };
        } catch (error) {
          // What is there by now may be taken: the relay empties an outbox behind the back of who knows it as full.
          if (known === undefined) throw error;
        }
        known = undefined;
        if (attempt >= ATTEMPTS_AT_ONCE) await pause(Math.random() * attempt);
      }
      throw new ContentionError(id);
    });
  }

  /**
   * Takes what events tell of aggregates into their documents, and makes those that are missing, with the versions that
   * they had: what is decided next continues them. Emits nothing. What is newer here stays, whoever else writes.
   * @throws ContentionError after 50 lost races; DuplicateKeyError when a value under a unique index is another's.
   */
  async restore(known: readonly KnownState<State>[]): Promise<void> {
    const told = new Map<string, KnownState<State>[]>();
    for (const one of known) told.set(one.id, [...(told.get(one.id) ?? []), one]);
    let missing: string | undefined;
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const present = await this.loadMany([...told.keys()]);
      const writes = [...told].flatMap(([id, events]) => this.restoring(id, events, present.get(id)));
      // Where somebody wrote one of them at the same moment, all are looked at once more: what is done needs no write.
      if (writes.length === 0 || (await this.writeAll(writes))) return;
      missing = [...told.keys()].find((id) => !present.has(id));
      if (attempt >= ATTEMPTS_AT_ONCE) await pause(Math.random() * attempt);
    }
    // What is still not there can't be: it was nobody's write at the same moment.
    throw missing === undefined ? new ContentionError(known[0]?.id ?? '') : new DuplicateKeyError(this.definition.name);
  }

  private restoring(
    id: string,
    told: readonly KnownState<State>[],
    present?: AggregateDocument<State>,
  ): mongo.AnyBulkWriteOperation<StoreFields>[] {
    const before = present && this.toStored(present);
    const { version, state } = restoredFrom({ version: before?.version ?? 0, state: before?.state }, told);
    if (state === undefined) return [];
    if (present === undefined) {
      const fields: StoreFields = { _id: id, v: version, rev: 1, outbox: [], commands: [] };
      return [{ insertOne: { document: { ...state, ...fields } } }];
    }
    const { set, unset, any } = changedFields(before?.state ?? {}, state, STORE_FIELDS);
    if (!any && version === present.v) return [];
    const update: mongo.UpdateFilter<StoreFields> = { $set: { ...set, v: version }, $inc: { rev: 1 } };
    if (Object.keys(unset).length > 0) update.$unset = unset;
    return [{ updateOne: { filter: { _id: id, rev: present.rev }, update } }];
  }

  /** False when one of them did not go through, because others wrote meanwhile. */
  private async writeAll(writes: mongo.AnyBulkWriteOperation<StoreFields>[]): Promise<boolean> {
    try {
      const done = await this.driverCollection<StoreFields>().bulkWrite(writes, { ordered: false });
      return done.insertedCount + done.matchedCount === writes.length;
    } catch (error) {
      if (!areAllDuplicateKeys(error)) throw error;
      const index = duplicateIndexOf(error);
      if (index !== undefined && index !== '_id_') throw new DuplicateKeyError(this.definition.name, index);
      return false;
    }
  }

  private async loadMany(ids: readonly string[]): Promise<Map<string, AggregateDocument<State>>> {
    const found = await this.driverCollection<StoreFields>()
      .find({ _id: { $in: [...ids] } }, { projection: { outbox: 0, commands: 0 } })
      .toArray();
    return new Map((found as AggregateDocument<State>[]).map((document) => [document._id, document]));
  }

  private newDocument(
    id: string,
    state: State,
    events: readonly NewEvent[],
    commandId?: string,
  ): AggregateDocument<State> {
    const clash = Object.keys(state).find((field) => STORE_FIELDS.has(field));
    if (clash !== undefined) throw new TypeError(`${this.definition.name}: a state has no field ${clash}`);
    const outbox = this.stamp(id, 0, events);
    checkOutboxLimits(id, [], outbox);
    const fields: StoreFields = {
      _id: id,
      v: outbox.length,
      rev: 1,
      outbox,
      commands: commandId === undefined ? [] : [commandId],
      ...(outbox[0] ? { outboxAt: outbox[0].time } : {}),
    };
    return { ...state, ...fields };
  }

  /** The aggregate after the write: as it was when there is nothing to write, undefined when somebody else wrote first. */
  private async write<Result>(
    document: AggregateDocument<State>,
    before: Stored<State>,
    decision: Decision<State, Result>,
    commandId?: string,
  ): Promise<Stored<State> | undefined> {
    const next = decision.state ?? before.state;
    // Only what differs is written, so that a write stays small and never touches what the relay owns.
    const changes = changedFields(before.state, next, STORE_FIELDS);
    const added = this.stamp(document._id, document.v, decision.events ?? []);
    if (!changes.any && added.length === 0) return before;
    checkOutboxLimits(document._id, document.outbox, added);

    const version = document.v + added.length;
    const update: mongo.UpdateFilter<StoreFields> = {
      $set: { ...changes.set, v: version },
      $inc: { rev: 1 },
    };
    if (Object.keys(changes.unset).length > 0) update.$unset = changes.unset;
    if (added[0]) update.$min = { outboxAt: added[0].time };
    if (added.length > 0) update.$push = { outbox: { $each: added } };
    if (commandId !== undefined) update.$push = { ...update.$push, commands: ringOf(commandId) };
    const { matchedCount } = await this.guardUnique(() =>
      this.driverCollection<StoreFields>().updateOne({ _id: document._id, rev: document.rev }, update),
    );
    if (matchedCount === 0) return undefined;
    const outbox = [...document.outbox, ...added];
    if (added.length > 0) this.notify(document._id, outbox);
    const commands =
      commandId === undefined ? document.commands : [...document.commands, commandId].slice(-COMMANDS_KEPT);
    return this.handOut({ ...next, _id: document._id, v: version, rev: document.rev + 1, outbox, commands });
  }

  private async guardUnique<Result>(write: () => Promise<Result>): Promise<Result> {
    try {
      return await write();
    } catch (error) {
      if (isDuplicateKey(error)) throw new DuplicateKeyError(this.definition.name, duplicateIndexOf(error));
      throw error;
    }
  }

  private stamp(aggregateId: string, version: number, events: readonly NewEvent[]): OutboxEntry[] {
    return stampEvents(events, { aggregateId, version, time: this.now(), newEventId: () => typeIds.next('event') });
  }

  /** By the driver: this is what is asked most of all, and mongoose has nothing to add to it. */
  private async load(id: string): Promise<AggregateDocument<State> | null> {
    return (await this.driverCollection<StoreFields>().findOne({ _id: id })) as AggregateDocument<State> | null;
  }

  private toStored(document: AggregateDocument<State>): Stored<State> {
    const { _id: id, v: version, rev: _rev, outbox: _outbox, outboxAt: _at, commands: _commands, ...state } = document;
    return { id, version, state: state as State };
  }

  /** As `mutate` takes it again. */
  private handOut(document: AggregateDocument<State>): Stored<State> {
    const stored = this.toStored(document);
    this.documents.set(stored, document);
    return stored;
  }

  private notify(id: string, pending: readonly OutboxEntry[]): void {
    for (const listener of this.listeners) listener(id, pending);
  }
}

const ringOf = (commandId: string) => ({ $each: [commandId], $slice: -COMMANDS_KEPT });
