import type { Document } from '../bson/document.js';
import type { Deadline } from '../query/execute.js';
import type { Store } from '../storage/store.js';

/** Where a pipeline runs: it may read other collections of its database. */
export interface Environment {
  store: Store;
  database: string;
  deadline: Deadline;
  /** `let` of the command, or of the `$lookup` around. */
  variables: Document;
}

/** Runs a pipeline on a collection of the environment's database. */
export type PipelineRun = (environment: Environment, collection: string, pipeline: unknown[]) => Iterable<Document>;
