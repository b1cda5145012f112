import { setTimeout as pause } from 'node:timers/promises';
import type { Connection } from 'mongoose';
import { DocumentCollection, isDuplicateKey } from '#persistence';
import type { Clock } from './clock.js';
import { judge, type IdempotencyRecord } from './idempotency.js';
import { ServiceUnavailableError } from './service-errors.js';

const KEPT_FOR_MS = 24 * 60 * 60_000;
const LEASE_MS = 10_000;
const RENEW_EVERY_MS = 3_000;
const WAIT_MS = [5, 10, 20, 40, 80] as const;

/** The command as it must be run. */
export interface CommandRun {
  readonly commandId: string;
  readonly at: Date;
  /** Nobody has begun it before. */
  readonly isFirstRun: boolean;
}
export interface KeyedCommand {
  /** Names caller, operation and key. */
  readonly id: string;
  readonly inputHash: string;
  readonly deadlineAt: Date;
}
export type KeyedOutcome = { readonly kind: 'result'; readonly result: unknown } | { readonly kind: 'conflict' };

/**
 * Runs a command once for each key within 24 h, through crashes: the record is there before the work begins and keeps
 * the command's id and time, so that a run after a crash does the same again and finds what the first had done.
 * The result is kept as JSON: what is answered again is the first answer to the letter, also after things have changed.
 */
export class IdempotencyStore extends DocumentCollection<IdempotencyRecord> {
  constructor(
    connection: Connection,
    private readonly clock: Clock,
  ) {
    super(connection, { name: 'idempotency', indexes: [[{ expiresAt: 1 }, { expireAfterSeconds: 0 }]] });
  }

  /**
   * The first result for the key, made by `work` if there is none yet. Who comes while another runs it waits.
   * Errors: what work throws (the key is then free to run again); ServiceUnavailableError at the deadline.
   */
  async once(command: KeyedCommand, work: (run: CommandRun) => Promise<unknown>): Promise<KeyedOutcome> {
    for (let attempt = 0; ; attempt++) {
      const record = attempt === 0 ? null : await this.find(command.id);
      const opened = record === null ? await this.open(command) : null;
      if (opened) return this.execute(opened, work);
      const outcome = record && (await this.join(record, command, work));
      if (outcome) return outcome;
      if (attempt > 0) await this.waitTurn(command, attempt);
    }
  }

  /** What somebody else's record means for this command; null when it has to look again. */
  private async join(
    record: IdempotencyRecord,
    command: KeyedCommand,
    work: (run: CommandRun) => Promise<unknown>,
  ): Promise<KeyedOutcome | null> {
    const verdict = judge(record, command.inputHash, this.clock.now());
    if (verdict.kind === 'conflict') return verdict;
    if (verdict.kind === 'answer') return { kind: 'result', result: parseResult(verdict.result) };
    if (verdict.kind === 'forget') await this.forget(record);
    const taken = verdict.kind === 'run-again' ? await this.takeOver(record) : null;
    return taken && this.execute(taken, work);
  }

  private async waitTurn({ deadlineAt }: KeyedCommand, attempt: number): Promise<void> {
    if (this.clock.now() >= deadlineAt) throw new ServiceUnavailableError('The same command is still being worked on');
    await pause(WAIT_MS[Math.min(attempt, WAIT_MS.length - 1)]);
  }

  private find(id: string): Promise<IdempotencyRecord | null> {
    return this.driverCollection<IdempotencyRecord>().findOne({ _id: id });
  }

  private async open(command: KeyedCommand): Promise<IdempotencyRecord | null> {
    const at = this.clock.now();
    const record: IdempotencyRecord = {
      _id: command.id,
      inputHash: command.inputHash,
      // Another key, or the same key after 24 h, is another command.
      commandId: `${command.id}.${at.getTime().toString(36)}`,
      at,
      run: 1,
      leaseUntil: new Date(at.getTime() + LEASE_MS),
      expiresAt: new Date(at.getTime() + KEPT_FOR_MS),
    };
    try {
      await this.driverCollection<IdempotencyRecord>().insertOne(record);
      return record;
    } catch (error) {
      if (isDuplicateKey(error)) return null;
      throw error;
    }
  }

  private async takeOver(record: IdempotencyRecord): Promise<IdempotencyRecord | null> {
    const leaseUntil = new Date(this.clock.now().getTime() + LEASE_MS);
    const next = { ...record, run: record.run + 1, leaseUntil };
    const { matchedCount } = await this.change(record, { run: next.run, leaseUntil });
    return matchedCount === 1 ? next : null;
  }

  private async execute(record: IdempotencyRecord, work: (run: CommandRun) => Promise<unknown>): Promise<KeyedOutcome> {
    let renewing = Promise.resolve();
    const renewal = setInterval(() => {
      renewing = this.prolong(record, new Date(this.clock.now().getTime() + LEASE_MS));
    }, RENEW_EVERY_MS);
    renewal.unref();
    try {
      const result = await work({ commandId: record.commandId, at: record.at, isFirstRun: record.run === 1 });
      const { matchedCount } = await this.change(record, { result: JSON.stringify({ result }) });
      return matchedCount === 1 ? { kind: 'result', result } : await this.resultOfOther(record, result);
    } catch (error) {
      // Nobody has to wait for the lease of a run that has failed.
      await renewing;
      await this.prolong(record, new Date(0));
      throw error;
    } finally {
      clearInterval(renewal);
    }
  }

  /** Where this fails, the lease runs out by itself. */
  private async prolong(record: IdempotencyRecord, leaseUntil: Date): Promise<void> {
    await this.change(record, { leaseUntil }).catch(() => undefined);
  }

  /** This run was thought dead and another took over: the first result that was kept is everybody's. */
  private async resultOfOther({ _id }: IdempotencyRecord, mine: unknown): Promise<KeyedOutcome> {
    const record = await this.find(_id);
    return { kind: 'result', result: record?.result === undefined ? mine : parseResult(record.result) };
  }

  private change(record: IdempotencyRecord, changes: Partial<IdempotencyRecord>) {
    return this.driverCollection<IdempotencyRecord>().updateOne(
      { _id: record._id, run: record.run },
      { $set: changes },
    );
  }

  private async forget(record: IdempotencyRecord): Promise<void> {
    await this.model.deleteOne({ _id: record._id, run: record.run, at: record.at }).exec();
  }
}

const parseResult = (json: string): unknown => (JSON.parse(json) as { result?: unknown }).result;
