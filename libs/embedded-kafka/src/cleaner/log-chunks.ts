import { offsetOf } from '../storage/log-key.js';
import type { LogEntry, Storage } from '../storage/storage.js';

/** What is worked on in one turn of the event loop, so that requests do not wait for the cleaner. */
const chunkEntries = 256;
const chunkBytes = 1024 * 1024;

export interface LogSpan {
  readonly partitionId: number;
  /** Base offsets in [from, to). */
  readonly from: number;
  readonly to: number;
}

/** The batches of a span in portions, each read after the one before has been dealt with. Throws when stopped. */
export async function* logChunks(storage: Storage, span: LogSpan, signal: AbortSignal): AsyncGenerator<LogEntry[]> {
  let after: Buffer | undefined;
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    const chunk = nextChunk(storage, span, after);
    if (chunk.length === 0) return;
    after = chunk.at(-1)?.key;
    yield chunk;
  }
}

function nextChunk(storage: Storage, { partitionId, from, to }: LogSpan, after: Buffer | undefined): LogEntry[] {
  const chunk: LogEntry[] = [];
  let bytes = 0;
  for (const entry of storage.logRange(partitionId, after === undefined ? from : offsetOf(after) + 1, to)) {
    chunk.push(entry);
    bytes += entry.value.length;
    if (chunk.length >= chunkEntries || bytes >= chunkBytes) break;
  }
  return chunk;
}
