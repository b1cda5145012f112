import type { Document } from '../bson/document.js';
import { Code, MongoError } from '../errors.js';
import type { Collection } from './collection.js';
import type { Store } from './store.js';

/** What a name stands for: the collection that is read in the end, and the stages of the views on the way to it. */
export interface Beneath {
  name: string;
  stages: Document[];
}

/** As MongoDB's. */
const MAX_DEPTH = 20;

/** Views lead to a collection in the end: `refuseCircle` sees to that. */
export function beneath(store: Store, database: string, name: string): Beneath {
  const view = store.collection(database, name);
  if (!view?.isView) return { name, stages: [] };
  const { viewOn, pipeline } = view.options;
  const found = beneath(store, database, String(viewOn));
  return { name: found.name, stages: [...found.stages, ...(pipeline as Document[])] };
}

/** Throws for a view of this name that would show itself by way of what it shows, or is too many steps away from it. */
export function refuseCircle(store: Store, database: string, name: string, viewOn: string): void {
  let shown = viewOn;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (shown === name) throw new MongoError(Code.GraphContainsCycle, `View cycle detected: ${name} shows itself`);
    const next = store.collection(database, shown);
    if (!next?.isView) return;
    shown = String(next.options.viewOn);
  }
  throw new MongoError(Code.ViewDepthLimitExceeded, `View depth too deep or view cycle detected: ${name}`);
}

/** Throws for a view: only what reads knows how to take one. */
export function refuseView(found: Collection | undefined): Collection | undefined {
  if (!found?.isView) return found;
  const text = `Namespace ${found.namespace} is a view, not a collection`;
  throw new MongoError(Code.CommandNotSupportedOnView, text);
}
