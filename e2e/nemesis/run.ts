import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '#testing';
import { check } from './checker/check.js';
import type { Recording } from './checker/recording.js';
import { describeFault, Faults } from './faults.js';
import { insist } from './insist.js';
import { Load } from './load.js';
import { untilFinal } from './orders.js';
import { signUpOperator } from './parked.js';
import { record, type Sources } from './record.js';
import { schedule, type Planned } from './schedule.js';
import { setStage, type Stage } from './stage.js';
import { Topics } from './topics.js';
import { World } from './world.js';

export interface NemesisOptions {
  readonly seed: number;
  readonly checkouts: number;
  readonly faults: number;
  readonly skus: number;
  /** Of each SKU. */
  readonly pieces: number;
  readonly buyersAtOnce: number;
  readonly pauseMs: number;
  /** An order is final so long after the last fault at the latest. */
  readonly finalWithinMs: number;
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
}

/** Projections are as they should be so long after the last order was final. */
const SETTLED_WITHIN_MS = 60_000;
const WORK_WITHIN_MS = 600_000;

/** Runs everything, and leaves nothing behind. `say` is told of the progress. */
export async function runNemesis(options: NemesisOptions, say: (line: string) => void): Promise<NemesisReport> {
  const world = await World.start();
  const tap = new Topics(world.servers);
  try {
    say(`${world.members.size} processes run`);
    const stage = await setStage(world, options.skus, options.pieces);
    await tap.follow();
    say('the shop is open');
    const load = new Load(world, stage, options);
    await hurt(world, tap, load, options, say);
    await load.end();
    // The last fault came with the last checkouts: what these began has as long as the rest.
    const since = Date.now();
    say(`${load.checkouts} checkouts, ${load.bought.length} orders`);
    return await judge(world, stage, load, options, since, say);
  } finally {
    await tap.close().catch(() => undefined);
    await world.stop();
  }
}

async function hurt(
  world: World,
  tap: Topics,
  load: Load,
  options: NemesisOptions,
  say: (line: string) => void,
): Promise<void> {
  const faults = new Faults(world, tap);
  const plan: readonly Planned[] = schedule(options.seed, options.faults, [...world.members.keys()]);
  for (const [index, fault] of plan.entries()) {
    await pause(fault.afterMs);
    const checkouts = Math.floor((options.checkouts * index) / plan.length);
    await eventually(() => mustBeBusy(load, checkouts), { timeoutMs: WORK_WITHIN_MS });
    say(`fault ${index + 1} of ${plan.length}: ${describeFault(fault)}`);
    await faults.strike(fault);
  }
}

/** Faults are spread over the whole load. */
function mustBeBusy(load: Load, checkouts: number): void {
  if (!load.isBusy) throw new Error('there is no work under way');
  if (load.checkouts < checkouts) throw new Error(`${load.checkouts} of ${checkouts} checkouts were begun`);
}

/** Looks at what is left until nothing is wrong with it, or the time is up. */
async function judge(
  world: World,
  stage: Stage,
  load: Load,
  options: NemesisOptions,
  since: number,
  say: (line: string) => void,
): Promise<NemesisReport> {
  const topics = new Topics(world.servers);
  try {
    const { finalWithinMs } = options;
    const finalAfterMs = await untilFinal(load.bought, since, finalWithinMs + SETTLED_WITHIN_MS);
    const operator = await insist(() => signUpOperator(world));
    await topics.follow();
    say(`${finalAfterMs.size} orders are final, the last after ${Math.max(0, ...finalAfterMs.values())} ms`);
    const sources: Sources = { world, stage, load, topics, operator, finalAfterMs, finalWithinMs };
    const until = Date.now() + SETTLED_WITHIN_MS;
    for (;;) {
      const recording = await insist(() => record(sources));
      const problems = check(recording);
      if (problems.length === 0 || Date.now() > until) return report(recording, problems, load, options);
      await pause(500);
    }
  } finally {
    await topics.close();
  }
}

function report(
  { messages, orders, books, parked }: Recording,
  problems: readonly string[],
  { checkouts }: Load,
  { faults }: NemesisOptions,
): NemesisReport {
  return {
    problems,
    faults,
    checkouts,
    sales: orders.filter(({ state }) => state !== 'CANCELLED').length,
    captured: books.filter(({ captures }) => captures > 0).length,
    parked: parked.length,
    messages: messages.length,
    copies: messages.length - new Set(messages.map(({ eventId }) => eventId)).size,
  };
}
