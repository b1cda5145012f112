import { Injectable } from '@nestjs/common';

/** Wakes those in this process who wait for a profile to be made. */
@Injectable()
export class ProfileArrivals {
  private readonly waiting = new Map<string, Set<() => void>>();

  announce(profileId: string): void {
    for (const wake of this.waiting.get(profileId) ?? []) wake();
  }

  /** Resolves when the profile is announced, or after waitMs. */
  next(profileId: string, waitMs: number): Promise<void> {
    return new Promise((resolve) => {
      const waiters = this.waiting.get(profileId) ?? new Set();
      this.waiting.set(profileId, waiters);
      const wake = (): void => {
        clearTimeout(timer);
        waiters.delete(wake);
        if (waiters.size === 0 && this.waiting.get(profileId) === waiters) this.waiting.delete(profileId);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      waiters.add(wake);
    });
  }
}
