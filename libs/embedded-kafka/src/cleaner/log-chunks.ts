import type { LogEntry } from '../storage/log-entry.js';
import type { Storage } from '../storage/storage.js';

/** What is worked on in one turn of the event loop, so that requests do not wait for the cleaner. */
const chunkEntries = 256;
const chunkBytes = 1024 * 1024;

export interface LogSpan {
  readonly partitionId: number;
  /** Base offsets in [from, to). */
  readonly from: number;
  readonly to: number;
}

/** What the index says of the batches of a span, in portions, each looked up after the one before has been dealt with. Throws when stopped. */
export async function* logChunks(storage: Storage, span: LogSpan, signal: AbortSignal): AsyncGenerator<LogEntry[]> {
  let next = span.from;
  for (;;) {
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    const chunk = nextChunk(storage, { ...span, from: next });
    const last = chunk.at(-1);
    if (last === undefined) return;
    next = last.baseOffset + 1;
    yield chunk;
  }
}

function nextChunk(storage: Storage, { partitionId, from, to }: LogSpan): LogEntry[] {
  const chunk: LogEntry[] = [];
  let bytes = 0;
  for (const entry of storage.logRange(partitionId, from, to)) {
    chunk.push(entry);
    bytes += entry.place.bytes;
    if (chunk.length >= chunkEntries || bytes >= chunkBytes) break;
  }
  return chunk;
}
