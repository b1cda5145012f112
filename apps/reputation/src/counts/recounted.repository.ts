import { AggregateRepository, DuplicateKeyError, type Decision } from '#persistence';

/**
 * Aggregates that are counted from other documents of this service, and counted again whenever one of those comes to be:
 * repeated, late or reordered events lead to the same. Only for what never goes away again, as reviews and deliveries:
 * then a recount that began earlier can't find more than one that began later, and equal counts need no write.
 */
export abstract class RecountedRepository<State extends object> extends AggregateRepository<State> {
  /** Counts and decides; undefined when it is counted for the first time. Nothing to do: an empty decision. */
  protected abstract recount(id: string, present: State | undefined): Promise<Decision<State>>;

  /** Call it after what is counted has been written. */
  async refresh(id: string): Promise<void> {
    const refreshed = await this.mutate(id, (present) => this.recount(id, present));
    if (refreshed) return;
    const { state, events = [] } = await this.recount(id, undefined);
    if (state === undefined) return;
    try {
      await this.insert(id, state, events);
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error;
      await this.refresh(id);
    }
  }

  /** Each once, however often it is named. */
  async refreshAll(ids: readonly string[]): Promise<void> {
    await Promise.all([...new Set(ids)].map((id) => this.refresh(id)));
  }
}
