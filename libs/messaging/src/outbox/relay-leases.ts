import type { Lease } from '#persistence';
import type { Logger } from '../logger.js';

/** What the relay needs of a `LeaseStore`. */
export interface Leases {
  acquire(name: string, owner: string, ttlMs: number): Promise<Lease | null>;
  holds(lease: Lease, owner: string): Promise<boolean>;
  release(lease: Lease, owner: string): Promise<void>;
  countHeld(prefix: string): Promise<number>;
}

/** A shard of an instance that vanished is another's after their sum: well below 10 s. */
export const LEASE_MS = { ttl: 6_000, renew: 1_500 } as const;
const MEMBER = 'relay-member-';

/**
 * Which shards this instance looks after. Each instance holds a lease that says that it is there, and takes its fair
 * share of the shards; what it has beyond that, since others came, it gives back.
 */
export class RelayLeases {
  private readonly held = new Map<number, { readonly lease: Lease; readonly untilMs: number }>();
  private member: Lease | undefined;
  private timer: NodeJS.Timeout | undefined;
  private renewing: Promise<void> | undefined;

  /** @param nowMs goes up as time goes by, wherever it began: when a lease ends is the database's to say. */
  constructor(
    private readonly leases: Leases,
    private readonly owner: string,
    private readonly shards: number,
    private readonly logger: Logger,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  start(): void {
    this.timer = setInterval(() => void this.renew(), LEASE_MS.renew);
    void this.renew();
  }

  /** Gives all of them back, so that another instance can go on at once. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
    const all = [...this.held.values()].map(({ lease }) => lease).concat(this.member ?? []);
    await Promise.all(all.map((lease) => this.leases.release(lease, this.owner))).catch((error: unknown) =>
      this.logger.debug({ err: error }, 'leases end by themselves'),
    );
    this.held.clear();
  }

  /** The shards that are ours now. */
  get shardsHeld(): number[] {
    return Array.from({ length: this.shards }, (_, shard) => shard).filter((shard) => this.of(shard) !== undefined);
  }

  /** The lease of a shard, while it is ours for certain. */
  of(shard: number): Lease | undefined {
    const held = this.held.get(shard);
    return held !== undefined && held.untilMs > this.nowMs() ? held.lease : undefined;
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
    try {
      const share = await this.fairShare();
      const others = Array.from({ length: this.shards }, (_, shard) => shard).filter((shard) => !this.held.has(shard));
      for (const [index, [shard, { lease }]] of [...this.held].entries()) {
        if (index < share) await this.acquire(shard);
        else await this.giveBack(shard, lease);
      }
      for (const shard of others) if (this.held.size < share) await this.acquire(shard);
    } catch (error) {
      this.logger.debug({ err: error }, 'leases not renewed');
    }
  }

  private async fairShare(): Promise<number> {
    const member = await this.leases.acquire(`${MEMBER}${this.owner}`, this.owner, LEASE_MS.ttl);
    this.member = member ?? undefined;
    const members = await this.leases.countHeld(MEMBER);
    return Math.ceil(this.shards / Math.max(1, members));
  }

  private async acquire(shard: number): Promise<void> {
    // Before it is asked for, so that it ends here no later than there.
    const untilMs = this.nowMs() + LEASE_MS.ttl;
    const lease = await this.leases.acquire(`relay-${shard}`, this.owner, LEASE_MS.ttl);
    if (lease === null) this.held.delete(shard);
    else this.held.set(shard, { lease, untilMs });
  }

  private async giveBack(shard: number, lease: Lease): Promise<void> {
    this.held.delete(shard);
    await this.leases.release(lease, this.owner);
  }
}
