import type { Connection } from 'mongoose';

/** A mongoose query or aggregate that has not run yet. */
export interface Explainable {
  explain(verbosity?: 'queryPlanner'): { exec?(): Promise<unknown> } | Promise<unknown>;
}

/** A query would read every document of a collection. */
export class CollectionScanError extends Error {
  readonly code = 'TESTING.COLLECTION_SCAN';

  constructor(plan: unknown) {
    super(`no index answers the query: ${JSON.stringify(plan)}`);
    this.name = 'CollectionScanError';
  }
}

/**
 * Explains a query on the server. @throws CollectionScanError when no index answers it. FerretDB plans over PostgreSQL,
 * scans small collections by choice and says it in its own words: there a query only has to be explained at all.
 */
export async function explainPlan(query: Explainable, connection: Connection): Promise<unknown> {
  const explained = query.explain('queryPlanner');
  const plan = 'exec' in explained && explained.exec ? await explained.exec() : await explained;
  const { ferretdb } = (await connection.db?.admin().command({ buildInfo: 1 })) ?? {};
  if (ferretdb === undefined && hasScan(plan)) throw new CollectionScanError(plan);
  return plan;
}

function hasScan(plan: unknown): boolean {
  if (Array.isArray(plan)) return plan.some(hasScan);
  if (typeof plan !== 'object' || plan === null) return false;
  return Object.entries(plan).some(([field, value]) => {
    if (field === 'rejectedPlans') return false;
    return (field === 'stage' && value === 'COLLSCAN') || hasScan(value);
  });
}
