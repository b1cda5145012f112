import { types } from 'node:util';
import { MessageChannel } from 'node:worker_threads';

const nowhere = new MessageChannel().port1;
nowhere.close();

/**
 * Frees the memory of a chunk that came from a socket and that nobody looks at any more, not some time later: it lies
 * outside of the heap, and V8 goes through the whole heap after every few dozen megabytes of such memory. A message
 * takes with it what it transfers, also one to a port that is closed. Bytes that share their memory are left alone.
 */
export function discard(chunk: Buffer): void {
  const { buffer } = chunk;
  if (types.isArrayBuffer(buffer) && buffer.byteLength === chunk.length) nowhere.postMessage(null, [buffer]);
}
