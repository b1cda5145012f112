import { LeaseStore, connectDatabase, databaseName } from '#persistence';
import { ProjectionMarkers, type ProjectionMarker } from '#messaging';
import { eventually } from '#testing';
import type { OneProcess } from './system.js';

const SOON = { timeoutMs: 60_000, intervalMs: 5 };

/** A projection of one service, looked at from beside it: in its database. */
export class Rebuilding {
  private constructor(
    private readonly system: OneProcess,
    private readonly service: string,
    private readonly projection: string,
  ) {}

  static of(system: OneProcess, projection: string): Rebuilding {
    return new Rebuilding(system, projection.split('.')[0] ?? '', projection);
  }

  /** All documents of its collections, without how often they were written. */
  documents(collections: readonly string[]): Promise<unknown[][]> {
    return this.with(async (connection) =>
      Promise.all(
        collections.map(async (name) => {
          const all = await connection.collection(name).find().sort({ _id: 1 }).toArray();
          return all.map(({ rev: _rev, ...rest }) => rest);
        }),
      ),
    );
  }

  /** Asks for a rebuild, and kills the process when it is at it. */
  async struck(): Promise<{ generation: number; killedAt: Date }> {
    return this.with(async (connection) => {
      const [markers, leases] = [new ProjectionMarkers(connection), new LeaseStore(connection)];
      const asked = await markers.request(this.projection);
      if (asked === null) throw new Error(`${this.projection} has no marker`);
      await eventually(async () => {
        const held = await leases.countHeld(`projection|${this.projection}`);
        if (held === 0) throw new Error('nobody is at it yet');
      }, SOON);
      await this.system.kill();
      return { generation: asked.generation, killedAt: new Date() };
    });
  }

  marker(): Promise<ProjectionMarker | null> {
    return this.with((connection) => new ProjectionMarkers(connection).find(this.projection));
  }

  private async with<Result>(
    use: (connection: Awaited<ReturnType<typeof connectDatabase>>) => Promise<Result>,
  ): Promise<Result> {
    const name = databaseName(this.system.servers.namespace, this.service);
    const connection = await connectDatabase({ uri: this.system.mongodbUri, name });
    try {
      return await use(connection);
    } finally {
      await connection.close();
    }
  }
}
