import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '#testing';
import { seeded } from '../support/random.js';
import { signInAgain } from '../support/people.js';
import { check } from './checker/check.js';
import type { FaultSeen, Recording } from './checker/recording.js';
import type { Shown } from './checker/shown.js';
import { describeFault, Faults } from './faults.js';
import { insist } from './insist.js';
import { Load } from './load.js';
import { MUTATIONS, type Mutation } from './mutations.js';
import { untilFinal } from './orders.js';
import { signUpOperator } from './parked.js';
import type { RealSettings } from './real-servers.js';
import { record, type Sources } from './record.js';
import { schedule, type Pace, type Planned } from './schedule.js';
import { Showing } from './shown/showing.js';
import { setStage, type Stage } from './stage.js';
import { Topics } from './topics.js';
import { World } from './world.js';

export interface NemesisOptions {
  readonly seed: number;
  readonly checkouts: number;
  /** Where given, the load lasts for so long, however many checkouts that are. */
  readonly seconds?: number | undefined;
  readonly faults: number;
  readonly pace: Pace;
  readonly skus: number;
  /** Of each SKU. */
  readonly pieces: number;
  readonly buyersAtOnce: number;
  readonly pauseMs: number;
  readonly socialActs: number;
  /** Of the lists that are read afterwards. */
  readonly pageSize: number;
  /** An order is final so long after the last fault at the latest. */
  readonly finalWithinMs: number;
  /** What is switched off in the services. */
  readonly mutation?: Mutation | undefined;
  readonly real?: RealSettings | undefined;
  /** Folder for everything that the processes say. */
  readonly logs?: string | undefined;
}

export interface NemesisReport {
  readonly problems: readonly string[];
  readonly faults: number;
  readonly checkouts: number;
  readonly sales: number;
  readonly captured: number;
  readonly parked: number;
  readonly messages: number;
  readonly copies: number;
  /** How much there was to be counted again. */
  readonly social: Readonly<
    Record<'people' | 'follows' | 'posts' | 'inFeeds' | 'reactions' | 'comments' | 'reviews', number>
  >;
  /** From the end of the last fault until the last order was final. */
  readonly finalAfterMs: number;
}

type Say = (line: string) => void;

/** Projections are as they should be so long after the last order was final. */
const SETTLED_WITHIN_MS = 60_000;
const WORK_WITHIN_MS = 600_000;
/** A fault strikes so long after somebody began to place an order, at most. */
const INTO_WORK_MS = 60;
const LOOK_AGAIN_MS = 1_000;

/** Runs everything, and leaves nothing behind. `say` is told of the progress. */
export async function runNemesis(options: NemesisOptions, say: Say): Promise<NemesisReport> {
  const { mutation, real, logs } = options;
  const world = await World.start({ real, logs, preloads: mutation ? [MUTATIONS[mutation].preload] : [] });
  const tap = new Topics(world.servers);
  let stage: Stage | undefined;
  try {
    say(`${world.serviceNames.length + world.serverNames.length} processes run`);
    const operator = insist(() => signUpOperator(world));
    stage = await setStage(world, options.skus, options.pieces);
    await tap.follow();
    await operator;
    say('the shop is open');
    const load = new Load(world, stage, options);
    const faults = await hurt(world, tap, load, options, say);
    return await judge({ world, stage, load, faults, operator: await operator }, options, say);
  } finally {
    stage?.close();
    await tap.close().catch(() => undefined);
    await world.stop();
  }
}

const planOf = ({ seed, faults, pace, mutation }: NemesisOptions, world: World): readonly Planned[] =>
  mutation
    ? MUTATIONS[mutation].faults.map((fault) => ({ ...fault, afterMs: pace.gapMs }))
    : schedule(seed, faults, { services: world.serviceNames, servers: world.serverNames }, pace);

async function hurt(world: World, tap: Topics, load: Load, options: NemesisOptions, say: Say): Promise<FaultSeen[]> {
  const faults = new Faults(world, tap);
  const random = seeded(options.seed);
  const seen: FaultSeen[] = [];
  const plan = planOf(options, world);
  for (const [index, fault] of plan.entries()) {
    await pause(fault.afterMs);
    // Faults are spread over the whole load: the last one comes when all of it has begun.
    const progress = options.mutation ? 0 : index / Math.max(1, plan.length - 1);
    await eventually(() => mustHaveProgressed(load, progress), { timeoutMs: WORK_WITHIN_MS, intervalMs: 50 });
    await untilPlacing(load, random() * INTO_WORK_MS);
    const [before, since] = [load.activity, Date.now()];
    const name = `fault ${index + 1} of ${plan.length}: ${describeFault(fault)}`;
    say(`${name}, ${before.placing} orders are being placed`);
    await faults.strike(fault);
    const after = load.activity;
    const lastedMs = Date.now() - since;
    seen.push({
      name,
      placing: before.placing,
      underWayAfter: after.underWay,
      asked: after.asked - before.asked,
      lastedMs,
    });
  }
  return seen;
}

function mustHaveProgressed(load: Load, progress: number): void {
  if (load.progress < progress) throw new Error(`${load.progress} of ${progress} of the load is done`);
}

/** Waits for a moment with an order under way, a little after it was begun. */
async function untilPlacing(load: Load, thenMs: number): Promise<void> {
  const until = Date.now() + WORK_WITHIN_MS;
  for (let intoMs = thenMs; ; intoMs /= 2) {
    await Promise.race([load.orderBegun(), pause(LOOK_AGAIN_MS)]);
    if (intoMs > 1) await pause(intoMs);
    if (load.activity.placing > 0) return;
    if (Date.now() > until) throw new Error('there is no work under way');
  }
}

interface Aftermath {
  readonly world: World;
  readonly stage: Stage;
  readonly load: Load;
  readonly faults: readonly FaultSeen[];
  readonly operator: Awaited<ReturnType<typeof signUpOperator>>;
}

/** Looks at what is left until nothing is wrong with it, or the time is up. */
async function judge(aftermath: Aftermath, options: NemesisOptions, say: Say): Promise<NemesisReport> {
  const { world, stage, load, faults } = aftermath;
  const { finalWithinMs, mutation } = options;
  const since = Date.now();
  const topics = new Topics(world.servers);
  try {
    const following = insist(() => topics.follow());
    await load.end();
    say(`${load.checkouts} checkouts, ${load.bought.length} orders`);
    const patienceMs = mutation ? MUTATIONS[mutation].patienceMs : finalWithinMs + SETTLED_WITHIN_MS;
    const finalAfterMs = await untilFinal(stage, load.bought, since, patienceMs);
    say(`${finalAfterMs.size} orders are final, the last after ${Math.max(0, ...finalAfterMs.values())} ms`);
    await following;
    const { api: operator } = await insist(() => signInAgain(aftermath.operator));
    const showing = new Showing(stage, load.crowd, options.pageSize);
    const sources: Sources = { world, stage, load, topics, operator, faults, showing, finalAfterMs, finalWithinMs };
    const until = Date.now() + SETTLED_WITHIN_MS;
    for (;;) {
      const recording = await insist(() => record(sources));
      const problems = check(recording);
      if (isVerdict(problems, mutation) || Date.now() > until) return report(recording, problems, load);
      say(`${problems.length} problems so far: ${problems[0]}`);
      await pause(500);
    }
  } finally {
    await topics.close().catch(() => undefined);
  }
}

const isVerdict = (problems: readonly string[], mutation: Mutation | undefined): boolean =>
  mutation ? problems.some((problem) => MUTATIONS[mutation].cause.test(problem)) : problems.length === 0;

const sum = (counts: readonly number[]): number => counts.reduce((all, one) => all + one, 0);

const socialOf = ({ people, posts, readers, products }: Shown): NemesisReport['social'] => ({
  people: people.length,
  follows: sum(people.map(({ followers }) => followers.length)),
  posts: posts.length,
  inFeeds: sum(readers.map(({ feed }) => feed.length)),
  reactions: sum(posts.flatMap(({ reactions }) => Object.values(reactions))),
  comments: sum(posts.map(({ comments }) => comments.length)),
  reviews: sum(products.map(({ reviews }) => reviews.length)),
});

const report = (
  { messages, orders, books, parked, faults, shown }: Recording,
  problems: readonly string[],
  { checkouts }: Load,
): NemesisReport => ({
  problems,
  faults: faults.length,
  checkouts,
  sales: orders.filter(({ state }) => state !== 'CANCELLED').length,
  captured: books.filter(({ captures }) => captures > 0).length,
  parked: parked.length,
  messages: messages.length,
  social: socialOf(shown),
  copies: messages.length - new Set(messages.map(({ eventId }) => eventId)).size,
  finalAfterMs: Math.max(0, ...orders.map(({ finalAfterMs }) => finalAfterMs ?? Infinity)),
});
