import type { Lease, LeaseStore } from '#persistence';
import type { Logger } from '../logger.js';
import type { ProjectionMarkers } from './projection-markers.js';
import { ProgressReports } from './progress-reports.js';
import type { ReadingProgress } from './state-reader.js';

/** What a rebuild is done with. */
export interface RebuildRun {
  readonly lease: Lease;
  /** Aborts when the service stops, or when another instance took the rebuild over. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ReadingProgress) => void;
}
export interface LeaseTimes {
  readonly leaseMs: number;
  readonly reportMs: number;
}
export const LEASE_TIMES: LeaseTimes = { leaseMs: 15_000, reportMs: 500 };

interface LeaseOptions extends LeaseTimes {
  readonly name: string;
  readonly markers: Pick<ProjectionMarkers, 'take' | 'report' | 'fail' | 'finish'>;
  readonly leases: Pick<LeaseStore, 'acquire' | 'release'>;
  readonly instance: string;
  readonly logger: Logger;
}

/**
 * Does what the marker of a projection asks for, unless another instance is at it, and marks it ready. True when it is to
 * be looked at again at once. @throws what the work throws; the marker then says why, and the next look begins anew.
 */
export async function rebuildUnderLease(
  options: LeaseOptions,
  generation: number,
  closing: AbortSignal,
  work: (run: RebuildRun) => Promise<ReadingProgress>,
): Promise<boolean> {
  const { leases, instance, leaseMs } = options;
  const name = `projection|${options.name}`;
  const lease = await leases.acquire(name, instance, leaseMs);
  if (lease === null) return false;
  const lost = new AbortController();
  const noted = (err: unknown) => options.logger.warn({ projection: options.name, err }, 'lease not renewed');
  const renewing = setInterval(() => {
    const renewed = leases.acquire(name, instance, leaseMs);
    renewed.then((held) => held?.fence === lease.fence || lost.abort(new LeaseLostError()), noted);
  }, leaseMs / 4);
  try {
    // Whoever had the lease before may have done it since the marker was looked at: what is ready is not emptied again.
    if (!(await options.markers.take(options.name, generation, lease.fence))) return true;
    await rebuildAndFinish(options, generation, { lease, signal: AbortSignal.any([closing, lost.signal]) }, work);
    return true;
  } finally {
    clearInterval(renewing);
    await leases.release(lease, instance).catch(noted);
  }
}

async function rebuildAndFinish(
  { name, markers, logger, reportMs }: LeaseOptions,
  generation: number,
  { lease, signal }: Pick<RebuildRun, 'lease' | 'signal'>,
  work: (run: RebuildRun) => Promise<ReadingProgress>,
): Promise<void> {
  const startedAt = Date.now();
  const reports = new ProgressReports((progress) => markers.report(name, generation, progress), reportMs);
  logger.info({ projection: name, generation }, 'projection is being rebuilt');
  try {
    const read = await work({ lease, signal, onProgress: (progress) => reports.take(progress) });
    await reports.close(read);
    const tookMs = Date.now() - startedAt;
    if (await markers.finish(name, generation, lease.fence))
      logger.info({ projection: name, generation, events: read.total, tookMs }, 'projection is rebuilt');
  } catch (error) {
    await reports.close();
    if (!signal.aborted) await markers.fail(name, generation, messageOf(error));
    throw error;
  }
}

/** Another instance took the rebuild over. */
export class LeaseLostError extends Error {
  readonly code = 'MESSAGING.LEASE_LOST';

  constructor() {
    super('another instance rebuilds the projection');
    this.name = 'LeaseLostError';
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error)).slice(0, 1_000);
