import type { Connection } from 'mongoose';
import { DocumentCollection, isDuplicateKey } from '#persistence';

/** How far a projection is, as all instances of its service see it. */
export interface ProjectionMarker {
  /** The consumer group. */
  _id: string;
  /** `READY`: it follows its events. `REBUILDING`: it is being made anew, or waits for that. */
  state: 'READY' | 'REBUILDING';
  /** Goes up with each rebuild: whoever follows the events of an older one stops. */
  generation: number;
  requestedAt: Date;
  finishedAt?: Date;
  /** Of the events in the state topics, while it is rebuilt and after. */
  done: number;
  total: number;
  /** Why the last attempt failed; it is made again. */
  error?: string;
  /** Of the lease under which it was begun last. */
  fence?: number;
}

/** What is known of the projections of a service, in its own database: deleted with it, and then they are rebuilt. */
export class ProjectionMarkers extends DocumentCollection<ProjectionMarker> {
  private readonly listeners = new Set<() => void>();

  constructor(
    connection: Connection,
    private readonly now: () => Date = () => new Date(),
  ) {
    super(connection, { name: 'projections', indexes: [] });
  }

  /** Calls the listener when this instance was asked for a rebuild; others see it at their next look. Returns the way to end that. */
  onRequested(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  find(group: string): Promise<ProjectionMarker | null> {
    return this.model.findOne({ _id: group }).lean<ProjectionMarker>().exec();
  }

  findAll(groups: readonly string[]): Promise<ProjectionMarker[]> {
    return this.model
      .find({ _id: { $in: [...groups] } })
      .lean<ProjectionMarker[]>()
      .exec();
  }

  /** The first marker of a projection; where another instance was faster, that one's stays. */
  async begin(group: string, state: ProjectionMarker['state']): Promise<void> {
    const marker: ProjectionMarker = { _id: group, state, generation: 1, requestedAt: this.now(), done: 0, total: 0 };
    try {
      await this.driverCollection<ProjectionMarker>().insertOne(marker);
    } catch (error) {
      if (!isDuplicateKey(error)) throw error;
    }
  }

  /** Asks for a rebuild; while one is under way, nothing changes. */
  async request(group: string): Promise<ProjectionMarker | null> {
    await this.model.updateOne({ _id: group, state: 'READY' }, this.anew()).exec();
    for (const listener of this.listeners) listener();
    return this.find(group);
  }

  /** Asks for a rebuild after the one that is under way, or that has ended meanwhile. */
  async requestAgain(group: string): Promise<void> {
    await this.model.updateOne({ _id: group }, this.anew()).exec();
  }

  async report(group: string, generation: number, progress: { done: number; total: number }): Promise<void> {
    await this.model.updateOne({ _id: group, generation, state: 'REBUILDING' }, { $set: progress }).exec();
  }

  async fail(group: string, generation: number, error: string): Promise<void> {
    await this.model.updateOne({ _id: group, generation, state: 'REBUILDING' }, { $set: { error } }).exec();
  }

  /** Notes that it is begun under a lease. False when it is not asked for any more, or begun under a later one. */
  async take(group: string, generation: number, fence: number): Promise<boolean> {
    const filter = { _id: group, generation, state: 'REBUILDING' as const, fence: { $not: { $gt: fence } } };
    return (await this.model.updateOne(filter, { $set: { fence } }).exec()).matchedCount === 1;
  }

  /** False when it was asked for again meanwhile, or begun by another instance: that one may have emptied it just now. */
  async finish(group: string, generation: number, fence: number): Promise<boolean> {
    const change = { $set: { state: 'READY', finishedAt: this.now() }, $unset: { error: '' } };
    const filter = { _id: group, generation, state: 'REBUILDING' as const, fence };
    return (await this.model.updateOne(filter, change).exec()).matchedCount === 1;
  }

  private anew() {
    const fields = { state: 'REBUILDING' as const, requestedAt: this.now(), done: 0, total: 0 };
    return { $set: fields, $inc: { generation: 1 }, $unset: { error: '', finishedAt: '' } };
  }
}
