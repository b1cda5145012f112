import type { Lease } from '#persistence';
import type { Logger } from '../logger.js';

/** What the relay needs of a `LeaseStore`. */
export interface Leases {
  acquire(name: string, owner: string, ttlMs: number, now: Date): Promise<Lease | null>;
  holds(lease: Lease, owner: string): Promise<boolean>;
  release(lease: Lease, owner: string): Promise<void>;
}

const TTL_MS = 10_000;
const RENEW_MS = 3_000;

/** Which shards this instance looks after. Renewed each 3 s, lost after 10 s without. */
export class RelayLeases {
  private readonly held = new Map<number, Lease>();
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> | undefined;

  constructor(
    private readonly leases: Leases,
    private readonly owner: string,
    private readonly shards: number,
    private readonly logger: Logger,
    private readonly now: () => Date,
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.renew(), RENEW_MS);
    void this.renew();
  }

  /** Gives all of them back, so that another instance can go on at once. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
    await Promise.all([...this.held.values()].map((lease) => this.leases.release(lease, this.owner))).catch(
      (error: unknown) => this.logger.debug({ err: error }, 'leases end by themselves'),
    );
    this.held.clear();
  }

  /** The lease of a shard, while it is ours by this process's clock. */
  of(shard: number): Lease | undefined {
    const lease = this.held.get(shard);
    return lease !== undefined && lease.expiresAt > this.now() ? lease : undefined;
  }

  /** Asked of the database: whether nobody took the shard since the lease was given. */
  holds(lease: Lease): Promise<boolean> {
    return this.leases.holds(lease, this.owner);
  }

  renew(): Promise<void> {
    this.renewing ??= this.renewAll().finally(() => {
      this.renewing = undefined;
    });
    return this.renewing;
  }

  private async renewAll(): Promise<void> {
    for (let shard = 0; shard < this.shards; shard++) {
      try {
        const lease = await this.leases.acquire(`relay-${shard}`, this.owner, TTL_MS, this.now());
        if (lease === null) this.held.delete(shard);
        else this.held.set(shard, lease);
      } catch (error) {
        this.logger.debug({ shard, err: error }, 'lease not renewed');
      }
    }
  }
}
