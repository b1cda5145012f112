import { EventLog } from './event-log.js';
import { checkAccounts } from './accounts.js';
import type { ScenarioInput } from './input.js';
import { planOrders } from './order-plan.js';
import { playOrders } from './orders.js';
import { gatherPeople } from './people.js';
import { Play, PlayStoppedError } from './play.js';
import { ProviderBooks } from './provider-books.js';
import { openShops } from './shops.js';
import { Stage } from './stage.js';
import { openStory, playPost } from './story-of-a-post.js';
import { playSale } from './story-of-a-sale.js';
import { playLastLamps } from './story-of-the-last-lamp.js';

export interface ScenarioOptions {
  readonly url: string;
  readonly kafkaBrokers: readonly string[];
  readonly namespace: string;
  readonly paymentSandboxUrl: string;
  readonly input: ScenarioInput;
  /** Names this run. */
  readonly run: string;
  /** Of everybody in this run. */
  readonly password: string;
  readonly print: (line: string) => void;
}

/** Plays all of it against a running system; whether everything was as expected. Errors: when the broker is away. */
export async function runScenario(options: ScenarioOptions): Promise<boolean> {
  const { url, kafkaBrokers, namespace, paymentSandboxUrl, run, password, print, input } = options;
  print(`Scenario ${run} on ${url}, with ${input.source}.`);
  print(`Everybody's password is ${password}; Ben, for one, signs in as ben-${run}@scenario.example.\n`);
  const log = await EventLog.open(kafkaBrokers, namespace);
  const play = new Play({ log, print });
  try {
    const stage = new Stage(url, run, password, play, new ProviderBooks(paymentSandboxUrl));
    await playRealInput(stage, input);
    await playStory(stage);
    await play.checkVersions();
  } catch (error) {
    // What broke off is among the failures.
    if (!(error instanceof PlayStoppedError)) throw error;
  } finally {
    await log.close();
  }
  print('');
  return play.conclude();
}

async function playRealInput(stage: Stage, input: ScenarioInput): Promise<void> {
  const shops = await openShops(stage, input);
  const people = await gatherPeople(stage, input.graph);
  const shelves = shops.map(({ shelf }) => shelf);
  const played = await playOrders(stage, planOrders(input.orders, shelves, people.length), people, shops);
  await checkAccounts(stage, played, shops);
}

async function playStory(stage: Stage): Promise<void> {
  const story = await openStory(stage);
  try {
    const shared = await playPost(story);
    await playSale(story, shared);
    await playLastLamps(story);
  } finally {
    await story.live.close();
  }
}
