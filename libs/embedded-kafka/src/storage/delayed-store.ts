import type { Clock } from '../clock.js';
import type { DurableStore } from './storage.js';

/** A store whose flushes begin later, so that a test can see that acknowledgements wait for them. */
export function delayedStore(store: DurableStore, clock: Clock, delayMs: number): DurableStore {
  if (delayMs <= 0) return store;
  return {
    async commit(batch) {
      await new Promise<void>((resolve) => clock.after(delayMs, resolve));
      await store.commit(batch);
    },
  };
}
