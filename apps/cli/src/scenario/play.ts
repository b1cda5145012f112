import { setTimeout as pause } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { OrderPlaced } from '#contracts';
import {
  countExpected,
  countTypes,
  gapsIn,
  isOf,
  type EventLog,
  type Expected,
  type LoggedEvent,
} from './event-log.js';

interface PlayOptions {
  readonly log: Pick<EventLog, 'length' | 'since' | 'has'>;
  readonly print: (line: string) => void;
  /** How long something may take to show. */
  readonly patienceMs?: number;
}

const PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 50;
/** With more events than that a step shows how many there were of each type. */
const SHOWN_EVENTS = 16;

/** The rest can't be played after a step that broke off. */
export class PlayStoppedError extends Error {
  readonly code = 'SCENARIO.STOPPED';
}

/** What is said and expected within one step. */
export class Step {
  readonly failures: string[] = [];
  readonly expected: Expected[] = [];

  constructor(
    private readonly print: (line: string) => void,
    private readonly patienceMs: number,
  ) {}

  say(text: string): void {
    this.print(`     ${text}`);
  }

  /** Each of these once, or as many as are given, comes of this step, and no more of these types. */
  causes(...events: readonly Expected[]): void {
    this.expected.push(...events);
  }

  check(what: string, actual: unknown, expected: unknown): void {
    if (isDeepStrictEqual(actual, expected)) return;
    this.fail(`${what}: ${show(actual)} instead of ${show(expected)}`);
  }

  /** Looks until it is as expected. */
  async eventually<Value>(what: string, look: () => Value | Promise<Value>, expected: Value): Promise<void> {
    let actual = await look();
    for (const untilMs = Date.now() + this.patienceMs; Date.now() < untilMs; await pause(LOOK_EVERY_MS)) {
      if (isDeepStrictEqual(actual, expected)) return;
      actual = await look();
    }
    this.check(what, actual, expected);
  }

  fail(problem: string): void {
    this.failures.push(problem);
  }
}

/** Plays steps one after the other, prints what happened and which events it caused, and keeps what was not as expected. */
export class Play {
  private readonly known = new Set<string>();
  private readonly ours: LoggedEvent[] = [];
  private readonly failures: string[] = [];
  private steps = 0;
  private readonly begin: number;
  private mark: number;

  constructor(private readonly options: PlayOptions) {
    this.begin = options.log.length;
    this.mark = this.begin;
  }

  /** Events that name one of these are of this play. */
  know(...ids: readonly string[]): void {
    for (const id of ids) this.known.add(id);
  }

  /** Orders placed since the play began by anybody but this account. */
  ordersOfOthers(accountId: string): ReadonlySet<string> {
    const own = new Set([accountId]);
    const placed = this.options.log.since(this.begin).filter(({ type }) => type === OrderPlaced.type);
    return new Set(placed.filter((event) => !isOf(own, event)).map(({ subject }) => subject));
  }

  /** Errors: PlayStoppedError. */
  async step(title: string, act: (step: Step) => Promise<void>): Promise<void> {
    const { print, patienceMs = PATIENCE_MS } = this.options;
    const step = new Step(print, patienceMs);
    this.steps += 1;
    print(`${String(this.steps).padStart(3)}. ${title}`);
    const broken = await act(step).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (broken === undefined) await this.checkEvents(step, patienceMs);
    else step.fail(broken instanceof Error ? broken.message : String(broken));
    this.takeEvents();
    for (const failure of step.failures) print(`     NOT AS EXPECTED: ${failure}`);
    this.failures.push(...step.failures.map((failure) => `step ${this.steps}, ${title}: ${failure}`));
    if (broken !== undefined) throw new PlayStoppedError(title, { cause: broken });
  }

  /** Every aggregate's events came with versions 1, 2, 3 … */
  async checkVersions(): Promise<void> {
    await this.step('Every event came once and in its order', async (step) => {
      step.say(`${new Set(this.ours.map(({ subject }) => subject)).size} aggregates, each with versions 1, 2, 3 …`);
      for (const gap of gapsIn(this.ours)) step.fail(gap);
    });
  }

  /** Prints the outcome; whether all was as expected. */
  conclude(): boolean {
    const { print } = this.options;
    const counts = `${this.steps} steps, ${this.ours.length} events`;
    if (this.failures.length === 0) print(`${counts}, all as expected`);
    else print(`${counts}, not as expected:\n${this.failures.map((failure) => `  ${failure}`).join('\n')}`);
    return this.failures.length === 0;
  }

  private async checkEvents(step: Step, patienceMs: number): Promise<void> {
    const wanted = countExpected(step.expected);
    await this.options.log.has(wanted, this.mark, this.known, patienceMs);
    const counts = countTypes(this.newEvents());
    for (const [type, count] of wanted) step.check(`events ${type}`, counts.get(type) ?? 0, count);
  }

  private newEvents(): LoggedEvent[] {
    return this.options.log.since(this.mark).filter((event) => isOf(this.known, event));
  }

  private takeEvents(): void {
    const { print, log } = this.options;
    const events = this.newEvents();
    this.mark = log.length;
    this.ours.push(...events);
    if (events.length > SHOWN_EVENTS) {
      for (const [type, count] of countTypes(events)) print(`       → ${type} × ${count}`);
    } else {
      for (const { type, subject, version } of events) print(`       → ${type}  ${subject}  v${version}`);
    }
  }
}

const show = (value: unknown): string => JSON.stringify(value) ?? String(value);
