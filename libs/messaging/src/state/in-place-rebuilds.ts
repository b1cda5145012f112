import type { LeaseStore } from '#persistence';
import type { Logger } from '../logger.js';
import { Lookout } from './lookout.js';
import type { InPlaceRebuild } from './remake.js';
import { orAborted } from './or-aborted.js';
import type { ProjectionMarker, ProjectionMarkers } from './projection-markers.js';
import { LEASE_TIMES, rebuildUnderLease, type LeaseTimes } from './rebuild-lease.js';

export interface InPlaceOptions {
  /** Before the service does anything else, where they are missing. */
  readonly first: readonly InPlaceRebuild[];
  /** In their order, as soon as the first ones are there. */
  readonly later: readonly InPlaceRebuild[];
  /** Resolves when there is something to ask the broker about. */
  readonly topicsExist: Promise<unknown>;
  readonly markers: Pick<
    ProjectionMarkers,
    'find' | 'findAll' | 'begin' | 'take' | 'report' | 'fail' | 'finish' | 'onRequested'
  >;
  readonly leases: Pick<LeaseStore, 'acquire' | 'release'>;
  /** Of this process, unlike all others. */
  readonly instance: string;
  readonly logger: Logger;
  readonly times?: Partial<InPlaceTimes>;
}
interface InPlaceTimes extends LeaseTimes {
  readonly watchMs: number;
}
const TIMES: InPlaceTimes = { watchMs: 1_000, ...LEASE_TIMES };
const REPEATED_MS = 10_000;

/** Makes anew in place what the markers in the database ask for, and what a database that was deleted held. */
export class InPlaceRebuilds {
  private readonly closing = new AbortController();
  private readonly lookout = new Lookout();
  private readonly times: InPlaceTimes;
  private warnedAt = 0;
  private loop: Promise<void> = Promise.resolve();
  private resolveRestored: () => void = () => undefined;
  /** Resolves when the first ones are there, or it was stopped. */
  readonly restored: Promise<void>;

  constructor(private readonly options: InPlaceOptions) {
    this.times = { ...TIMES, ...options.times };
    this.restored = new Promise((resolve) => (this.resolveRestored = resolve));
    if (options.first.length === 0) this.resolveRestored();
  }

  start(): void {
    if (this.options.first.length + this.options.later.length > 0) this.loop = this.run();
  }

  async stop(): Promise<void> {
    this.closing.abort();
    this.lookout.lookAtOnce();
    this.resolveRestored();
    await this.loop;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    const forget = this.options.markers.onRequested(() => this.lookout.lookAtOnce());
    while (!signal.aborted) {
      await this.look().catch((error: unknown) => this.note(error));
      await this.lookout.pause(this.times.watchMs);
    }
    forget();
  }

  private note(err: unknown): void {
    if (this.closing.signal.aborted) return;
    const level = Date.now() - this.warnedAt < REPEATED_MS ? 'debug' : 'warn';
    this.options.logger[level]({ err }, 'what the service holds can not be looked after');
    if (level === 'warn') this.warnedAt = Date.now();
  }

  private async look(): Promise<void> {
    const { first, later, markers } = this.options;
    const found = await markers.findAll([...first, ...later].map(({ name }) => name));
    const known = new Map(found.map((marker) => [marker._id, marker]));
    // What others are made of comes before them.
    if (!(await this.makeAllReady(first, known))) return;
    // Before anybody writes: what the first write leaves would be taken for all that there was.
    for (const one of later) if (!known.has(one.name)) await this.decide(one);
    this.resolveRestored();
    for (const one of later) await this.makeReady(one, known.get(one.name)).catch((error: unknown) => this.note(error));
  }

  /** At the same time, but each after those that it needs: most of the time goes into joining and waiting. */
  private async makeAllReady(
    rebuilds: readonly InPlaceRebuild[],
    known: ReadonlyMap<string, ProjectionMarker>,
  ): Promise<boolean> {
    const begun = new Map<string, Promise<boolean>>();
    for (const one of rebuilds) {
      const before = (one.after ?? []).flatMap((name) => begun.get(name) ?? []);
      const ready = async () =>
        (await Promise.all(before)).every(Boolean) && (await this.makeReady(one, known.get(one.name)));
      begun.set(one.name, ready());
    }
    const ended = await Promise.allSettled(begun.values());
    for (const one of ended) if (one.status === 'rejected') throw one.reason;
    return ended.every((one) => one.status === 'fulfilled' && one.value);
  }

  private async makeReady(one: InPlaceRebuild, known: ProjectionMarker | undefined): Promise<boolean> {
    const { markers } = this.options;
    const marker = known ?? (await markers.find(one.name)) ?? (await this.decide(one));
    if (marker === null || marker.state === 'READY') return marker !== null;
    if (!(await this.rebuildIfFree(one, marker.generation))) return false;
    return (await markers.find(one.name))?.state === 'READY';
  }

  private async decide(one: InPlaceRebuild): Promise<ProjectionMarker | null> {
    const { markers, topicsExist } = this.options;
    const isMissing = await orAborted(one.isMissing(topicsExist), this.closing.signal);
    await markers.begin(one.name, isMissing ? 'REBUILDING' : 'READY');
    return markers.find(one.name);
  }

  private rebuildIfFree(one: InPlaceRebuild, generation: number): Promise<boolean> {
    const duty = { ...this.options, ...this.times, name: one.name };
    return rebuildUnderLease(duty, generation, this.closing.signal, (run) => one.rebuild(run));
  }
}
