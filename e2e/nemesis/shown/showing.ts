import { signInAgain, type Person } from '../../support/people.js';
import type { Message } from '../checker/recording.js';
import type { Shown } from '../checker/shown.js';
import type { Crowd, Member } from '../crowd.js';
import { insist } from '../insist.js';
import type { Stage } from '../stage.js';
import { Reading } from './pages.js';
import { personShown, readerShown } from './people.js';
import { postShown } from './posts.js';
import { linkShown, merchantShown, productShown } from './shop.js';

/** A long run has more people than can be asked for all that they find: so many, spread over it, are. */
const READERS = 300;
/** Tokens live for 15 min. */
const FRESH_MS = 10 * 60_000;

/** Reads all that the API shows of what a run's people did. */
export class Showing {
  private readonly reading: Reading;
  private readonly again = new Map<string, Member>();

  constructor(
    private readonly stage: Stage,
    private readonly crowd: Crowd,
    pageSize: number,
  ) {
    this.reading = new Reading(pageSize);
  }

  /** @param messages name the posts. @throws while something can't be read to its end. */
  async read(messages: readonly Message[]): Promise<Shown> {
    const { reading, crowd, stage } = this;
    const { api } = stage.owner;
    const postIds = messages.flatMap(({ type, subject, poison }) =>
      type === 'post.published' && !poison ? [subject] : [],
    );
    const people = crowd.members.map(({ person }) => person.profileId);
    return {
      people: await reading.each(people, (profileId) => personShown(api, reading, profileId)),
      posts: (await reading.each([...new Set(postIds)], (postId) => postShown(api, reading, postId))).flat(),
      readers: await reading.each(this.readers(), async (member) => readerShown(reading, await this.signedIn(member))),
      products: await reading.each(stage.skus, ({ productId }) => productShown(api, reading, productId)),
      merchants: [await merchantShown(api, reading, stage.merchantId)],
      links: (await reading.each([...crowd.openings.keys()], (code) => linkShown(api, reading, code))).flat(),
    };
  }

  private readers(): Member[] {
    const { members } = this.crowd;
    const every = Math.max(1, members.length / READERS);
    return members.filter((_, index) => Math.floor(index / every) !== Math.floor((index - 1) / every));
  }

  private async signedIn(member: Member): Promise<Person> {
    const { profileId } = member.person;
    const known = this.again.get(profileId) ?? member;
    if (Date.now() - known.signedInAt < FRESH_MS) return known.person;
    const fresh = { person: await insist(() => signInAgain(known.person)), signedInAt: Date.now() };
    this.again.set(profileId, fresh);
    return fresh.person;
  }
}
