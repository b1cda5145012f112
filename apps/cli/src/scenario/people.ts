import { AccountCreated, Followed, ProfileCreated } from '#contracts';
import { Follow } from '../mutations.js';
import { inParallel } from '../parallel.js';
import { startProgress } from '../progress.js';
import { ProfileCounts } from './scenario-queries.js';
import type { SocialGraph } from './social-graph.js';
import type { Person, Stage } from './stage.js';

/** Passwords are hashed slowly on purpose: more at once would only wait. */
const SIGN_UPS_AT_ONCE = 4;
const FOLLOWS_AT_ONCE = 16;
const LOOKED_AT = 20;

/** Signs up the people of a graph and lets them follow each other. */
export async function gatherPeople(stage: Stage, { people, follows }: SocialGraph): Promise<readonly Person[]> {
  const persons: Person[] = [];
  await stage.play.step(`${people} people sign up`, async (step) => {
    const progress = startProgress('people', people);
    await inParallel(Array.from({ length: people }), SIGN_UPS_AT_ONCE, async (_, index) => {
      persons[index] = await stage.enter(`Person ${index}`);
      progress.step();
    }).finally(() => progress.stop());
    step.causes([AccountCreated, people], [ProfileCreated, people]);
  });
  await stage.play.step(`They follow each other, ${follows.length} times`, async (step) => {
    const progress = startProgress('follows', follows.length);
    await inParallel(follows, FOLLOWS_AT_ONCE, async ([follower, followee]) => {
      const profileId = persons[followee]?.profileId;
      const clientMutationKey = stage.key('follow', follower, followee);
      await persons[follower]?.client.mutate(Follow, { clientMutationKey, profileId });
      progress.step();
    }).finally(() => progress.stop());
    step.causes([Followed, follows.length]);
    for (const [index, { client, profileId, handle }] of persons.slice(0, LOOKED_AT).entries()) {
      const counts = async () => (await client.ask(ProfileCounts, { id: profileId })).profile;
      await step.eventually(`followers and followed of ${handle}`, counts, {
        followerCount: follows.filter(([, followee]) => followee === index).length,
        followingCount: follows.filter(([follower]) => follower === index).length,
      });
    }
    step.say(`the counts of the first ${Math.min(LOOKED_AT, people)} people are those of the graph`);
  });
  return persons;
}
