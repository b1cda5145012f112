import { afterEach, describe, expect, test } from '@jest/globals';
import type { Lease } from '#persistence';
import { silentLogger } from '../logger.js';
import type { InPlaceRebuild } from './remake.js';
import { InPlaceRebuilds, type InPlaceOptions } from './in-place-rebuilds.js';
import type { ProjectionMarker } from './projection-markers.js';

const DONE = { done: 1, total: 1 };

/** What instances of a service see of each other: markers and leases. */
class Shared {
  readonly known = new Map<string, ProjectionMarker>();
  readonly held = new Map<string, string>();

  readonly markers: InPlaceOptions['markers'] = {
    find: async (name) => this.known.get(name) ?? null,
    findAll: async (names) => names.flatMap((name) => this.known.get(name) ?? []),
    begin: async (name, state) => {
      const marker = { _id: name, state, generation: 1, requestedAt: new Date(0), done: 0, total: 0 };
      if (!this.known.has(name)) this.known.set(name, marker);
    },
    take: async (name) => this.known.get(name)?.state === 'REBUILDING',
    report: async () => undefined,
    fail: async (name, _generation, error) => this.change(name, { error }),
    finish: async (name) => {
      this.change(name, { state: 'READY' });
      return true;
    },
    onRequested: (listener) => {
      this.listeners.add(listener);
      return () => this.listeners.delete(listener);
    },
  };
  readonly listeners = new Set<() => void>();
  readonly leases: InPlaceOptions['leases'] = {
    acquire: async (name, owner): Promise<Lease | null> => {
      if ((this.held.get(name) ?? owner) !== owner) return null;
      this.held.set(name, owner);
      return { name, fence: 1 };
    },
    release: async ({ name }) => void this.held.delete(name),
  };

  change(name: string, fields: Partial<ProjectionMarker>): void {
    const marker = this.known.get(name);
    if (marker !== undefined) this.known.set(name, { ...marker, ...fields });
  }
}

describe('what is made anew in place', () => {
  const running: InPlaceRebuilds[] = [];
  afterEach(async () => {
    await Promise.all(running.splice(0).map((rebuilds) => rebuilds.stop()));
  });

  function start(shared: Shared, given: Partial<InPlaceOptions>, instance = 'here'): InPlaceRebuilds {
    const rebuilds = new InPlaceRebuilds({
      first: [],
      later: [],
      topicsExist: Promise.resolve(),
      markers: shared.markers,
      leases: shared.leases,
      instance,
      logger: silentLogger,
      times: { watchMs: 2 },
      ...given,
    });
    running.push(rebuilds);
    rebuilds.start();
    return rebuilds;
  }
  const one = (name: string, log: string[], given: Partial<InPlaceRebuild> = {}): InPlaceRebuild => ({
    name,
    isMissing: async () => {
      log.push(`${name}?`);
      return true;
    },
    rebuild: async () => {
      log.push(name);
      return DONE;
    },
    ...given,
  });
  const until = async (isSo: () => boolean): Promise<void> => {
    while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
  };

  test('comes before all else where it is missing, each after what it needs; what is made of it is looked at then', async () => {
    const shared = new Shared();
    const log: string[] = [];
    const first = [one('links', log), one('orders', log, { after: ['links'] })];
    await start(shared, { first, later: [one('counts', log)] }).restored;
    expect(log.slice(0, 5)).toEqual(['links?', 'links', 'orders?', 'orders', 'counts?']);
    await until(() => shared.known.get('counts')?.state === 'READY');
    expect(log).toEqual(['links?', 'links', 'orders?', 'orders', 'counts?', 'counts']);
  });

  test('is looked at as soon as this instance is asked for it', async () => {
    const shared = new Shared();
    await shared.markers.begin('counts', 'READY');
    const log: string[] = [];
    await start(shared, { later: [one('counts', log)], times: { watchMs: 3_600_000 } }).restored;
    await until(() => shared.listeners.size === 1);
    shared.change('counts', { state: 'REBUILDING' });
    for (const listener of shared.listeners) listener();
    await until(() => shared.known.get('counts')?.state === 'READY');
    expect(log).toEqual(['counts']);
  });

  test('is not asked of the broker where it is known to be there', async () => {
    const shared = new Shared();
    await shared.markers.begin('links', 'READY');
    const log: string[] = [];
    const never = new Promise<never>(() => undefined);
    await start(shared, { first: [one('links', log)], topicsExist: never }).restored;
    expect(log).toEqual([]);
  });

  test('is tried again when it failed, and says why; what does not need it goes on', async () => {
    const shared = new Shared();
    const log: string[] = [];
    let fails = true;
    const broken = one('feeds', log, {
      rebuild: async () => {
        if (fails) throw new Error('the database is away');
        return DONE;
      },
    });
    start(shared, { later: [broken, one('counts', log)] });
    await until(() => shared.known.get('counts')?.state === 'READY');
    expect(shared.known.get('feeds')).toMatchObject({ state: 'REBUILDING', error: 'the database is away' });
    fails = false;
    await until(() => shared.known.get('feeds')?.state === 'READY');
  });

  test('is waited for while another instance is at it, and taken over when that one is gone', async () => {
    const shared = new Shared();
    const log: string[] = [];
    shared.held.set('projection|links', 'elsewhere');
    const rebuilds = start(shared, { first: [one('links', log)] });
    let isRestored = false;
    void rebuilds.restored.then(() => (isRestored = true));
    await until(() => shared.known.has('links'));
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect([isRestored, log]).toEqual([false, ['links?']]);
    shared.held.clear();
    await rebuilds.restored;
    expect(log).toEqual(['links?', 'links']);
  });
});
