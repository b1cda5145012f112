import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Connection } from 'mongoose';
import { Followed } from '#contracts';
import { eventually } from '#testing';
import { RecountedProjection } from '../src/counts/recounted.projection.js';
import { FollowRepository } from '../src/graph/follow.repository.js';
import { SocialFeedWorld } from './social-feed.world.js';

let world: SocialFeedWorld;
beforeAll(async () => {
  world = await SocialFeedWorld.start();
});
afterAll(async () => {
  await world?.stop();
});

/** A connection of its own stands for a process of its own. */
const connect = (): Promise<Connection> => world.connect();

/** Counts what a test says, when it says so. */
class TestCounts extends RecountedProjection<'n'> {
  constructor(
    connection: Connection,
    private readonly counting: () => number | Promise<number>,
  ) {
    super(connection, { name: 'test-counts', indexes: [] });
  }
  protected readonly nothing = { n: 0 };
  protected async count(): Promise<{ n: number }> {
    return { n: await this.counting() };
  }
  protected async countMany(ids: readonly string[]): Promise<Map<string, { n: number }>> {
    const n = await this.counting();
    return new Map(ids.flatMap((id) => (n === 0 ? [] : [[id, { n }] as const])));
  }
  async now(id: string): Promise<number | undefined> {
    return (await this.of([id])).get(id)?.n;
  }
}

class Gate {
  readonly opened: Promise<void>;
  private resolve?: () => void;
  constructor() {
    this.opened = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }
  open(): void {
    this.resolve?.();
  }
}

describe('counts that are made by counting again', () => {
  test('are right when one process counted before a change and its undoing, and writes after both', async () => {
    let things = 6;
    const here = new TestCounts(await connect(), () => things);
    await here.recount('undone');
    const [counted, goOn] = [new Gate(), new Gate()];
    let runs = 0;
    const slow = new TestCounts(await connect(), async () => {
      const seen = things;
      counted.open();
      if (runs++ === 0) await goOn.opened;
      return seen;
    });
    things = 5;
    const late = slow.recount('undone');
    await counted.opened;
    things = 6;
    await here.recount('undone');
    goOn.open();
    await late;
    expect(await here.now('undone')).toBe(6);
    expect(runs).toBe(2);
  });

  test('of many writes at once take one run after all of them', async () => {
    let [things, runs] = [0, 0];
    const counts = new TestCounts(await connect(), () => {
      runs += 1;
      return things;
    });
    await Promise.all(
      Array.from({ length: 50 }, () => {
        things += 1;
        return counts.recount('many');
      }),
    );
    expect(await counts.now('many')).toBe(50);
    expect(runs).toBe(2);
  });

  test('made for the first time by several processes at once are right', async () => {
    let things = 0;
    const processes = await Promise.all(
      Array.from({ length: 8 }, async () => new TestCounts(await connect(), () => things)),
    );
    await Promise.all(
      processes.map((counts) => {
        things += 1;
        return counts.recount('first');
      }),
    );
    expect(await processes[0]?.now('first')).toBe(8);
  });
});

test('a tie whose process died right after writing it is counted, and brings posts, all the same', async () => {
  const [ben, cleo] = await world.people('Ben', 'Cleo');
  if (!ben || !cleo) throw new Error('nobody');
  const post = await world.post(cleo, 'before the crash');
  // All that the dying process did: the tie with its event, in one write.
  const dying = new FollowRepository(await connect());
  await dying.follow(ben.profileId, cleo.profileId, new Date(), {});
  await eventually(async () => expect(await world.counts(cleo)).toEqual({ followers: 1, following: 0 }));
  await world.events.untilRead('social-feed.graph', [Followed]);
  expect(await world.counts(ben)).toEqual({ followers: 0, following: 1 });
  expect((await world.feed(ben)).map(({ id }) => id)).toEqual([post]);
});
