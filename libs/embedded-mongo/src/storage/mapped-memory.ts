import { readFileSync } from 'node:fs';

/** What of the file may count as this process's memory before it is opened anew. */
const LIMIT_BYTES = 192 * 2 ** 20;
const INTERVAL_MS = 250;
const WITHIN_READS_MS = 15;

/** Bytes of a mapped file that are resident now; 0 where the system does not tell (it is Linux that does). */
export function mappedBytes(path: string): number {
  try {
    if (residentOf(readFileSync('/proc/self/status', 'utf8'), 'RssFile') <= LIMIT_BYTES) return 0;
    // Exact, but dearer: one entry per mapping.
    const mappings = readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[\da-f]+-[\da-f]+ )/m);
    const own = mappings.filter((mapping) => mapping.slice(0, mapping.indexOf('\n')).endsWith(path));
    return own.reduce((sum, mapping) => sum + residentOf(mapping, 'Rss'), 0);
  } catch {
    return 0;
  }
}

function residentOf(text: string, field: string): number {
  const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB`, 'm').exec(text)?.[1];
  return Number(kilobytes ?? 0) * 1_024;
}

/** Calls back, four times a second at most, while more of the file is resident than is good. */
export class MappedMemoryGuard {
  private timer: NodeJS.Timeout | undefined;
  private lookedAt = 0;

  constructor(
    private readonly path: string,
    private readonly release: () => Promise<void>,
  ) {}

  start(): void {
    this.timer = setTimeout(() => void this.look().finally(() => this.timer && this.start()), INTERVAL_MS);
    this.timer.unref();
  }

  /** Called in the midst of long reads: the file can be resident as a whole within a tenth of a second. */
  lookSoon(): void {
    if (this.timer && performance.now() - this.lookedAt > WITHIN_READS_MS) void this.look();
  }

  private async look(): Promise<void> {
    this.lookedAt = performance.now();
    try {
      if (mappedBytes(this.path) > LIMIT_BYTES) await this.release();
    } catch (error) {
      console.error('embedded database: its file could not be opened anew', error);
    }
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }
}
