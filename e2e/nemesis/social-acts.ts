import type { Person } from '../support/people.js';
import type { LastWord } from './checker/shown.js';
import type { Load } from './load.js';

const KINDS = ['LIKE', 'LIKE', 'LIKE', 'LOVE', 'WANT'] as const;

type Act = () => Promise<void>;

/** What one person does besides buying: follows, posts, reacts, comments, shares, and takes some of it back. */
export class SocialActs {
  private readonly followed = new Set<string>();
  private readonly reacted = new Set<string>();
  private readonly own: string[] = [];
  private keys = 0;
  private readonly shares: readonly (readonly [share: number, act: Act])[] = [
    [28, () => this.follow()],
    [6, () => this.unfollow()],
    [24, () => this.react()],
    [5, () => this.unreact()],
    [14, () => this.comment()],
    [10, () => this.post()],
    [3, () => this.takeBack()],
    [4, () => this.share()],
    [4, () => this.open()],
    [2, () => this.rename()],
  ];

  constructor(
    private readonly load: Load,
    private readonly person: Person,
    private readonly name: string,
    private readonly productIds: readonly string[],
    private readonly random: () => number,
  ) {}

  /** Any of them, as far as there is anything to do it to; somebody has to begin with a post. */
  async act(): Promise<void> {
    const all = this.shares.reduce((sum, [share]) => sum + share, 0);
    let left = this.random() * all;
    const chosen = this.shares.find(([share]) => (left -= share) < 0);
    await (this.load.crowd.posts.length === 0 ? this.post() : chosen?.[1]());
  }

  /** A code through which an order of this product may come. */
  codeFor(productId: string): string | undefined {
    return this.random() < 0.5 ? this.load.crowd.someLink(this.random, productId)?.code : undefined;
  }

  private async follow(): Promise<void> {
    const other = this.load.crowd.somebody(this.random)?.person.profileId;
    if (other === undefined || other === this.person.profileId || this.followed.has(other)) return;
    const isDone = await this.change('follow', { profileId: other }, 'Profile', this.tie(other, 'ACTIVE'));
    if (isDone) this.followed.add(other);
  }

  private async unfollow(): Promise<void> {
    const [other] = this.followed;
    if (other === undefined) return;
    this.followed.delete(other);
    await this.change('unfollow', { profileId: other }, 'Profile', this.tie(other, null));
  }

  /** Also changes a reaction that is there. */
  private async react(): Promise<void> {
    const postId = this.load.crowd.somePost(this.random)?.postId;
    const kind = this.oneOf(KINDS);
    if (postId === undefined || kind === undefined) return;
    const isDone = await this.change('react', { postId, kind }, 'Post', this.reaction(postId, kind));
    if (isDone) this.reacted.add(postId);
  }

  private async unreact(): Promise<void> {
    const [postId] = this.reacted;
    if (postId === undefined) return;
    this.reacted.delete(postId);
    await this.change('unreact', { postId }, 'Post', this.reaction(postId, null));
  }

  private async comment(): Promise<void> {
    const postId = this.load.crowd.somePost(this.random)?.postId;
    if (postId === undefined) return;
    const key = this.nextKey();
    const comment = await this.say<{ id: string }>('comment', key, { postId, text: `About ${key}` }, 'Comment', 'id');
    if (comment) this.load.acknowledged.push({ kind: 'comment', key, id: comment.id });
  }

  private async post(): Promise<void> {
    const key = this.nextKey();
    const tagged = new Set(
      [this.oneOf(this.productIds), this.oneOf(this.productIds)].filter(() => this.random() < 0.6),
    );
    const productTags = [...tagged].map((productId) => ({ productId }));
    const input = { text: `Lamps ${key}`, productTags };
    const post = await this.say<{ id: string }>('createPost', key, input, 'Post', 'id');
    if (!post) return;
    this.load.acknowledged.push({ kind: 'post', key, id: post.id });
    this.load.crowd.posts.push({ postId: post.id, authorId: this.person.profileId });
    this.own.push(post.id);
  }

  private async takeBack(): Promise<void> {
    const id = this.own.shift();
    if (id === undefined) return;
    const key = this.nextKey();
    this.load.crowd.take(id);
    const isDone = await this.say('deletePost', key, { id }, 'DeletedPost', 'id');
    if (isDone) this.load.acknowledged.push({ kind: 'deletion', key, id });
  }

  private async share(): Promise<void> {
    const productId = this.oneOf(this.productIds);
    const from = this.random() < 0.5 ? this.load.crowd.somePost(this.random)?.postId : undefined;
    const input = { productId, ...(from === undefined ? {} : { postId: from }) };
    const link = await this.say<{ code: string }>('createShareLink', this.nextKey(), input, 'ShareLink', 'code');
    if (link && productId !== undefined) this.load.crowd.share({ code: link.code, productId });
  }

  private async open(): Promise<void> {
    const { crowd } = this.load;
    const code = crowd.someLink(this.random)?.code;
    if (code === undefined) return;
    await this.load
      .insist(async () => {
        crowd.opening(code, { asked: 1 });
        const { status } = await fetch(`${this.person.api.url}/s/${code}`, { redirect: 'manual' });
        if (status !== 302) throw new Error(`${code} leads to ${status}`);
        crowd.opening(code, { answered: 1 });
      })
      .catch(() => undefined);
  }

  private async rename(): Promise<void> {
    const key = this.nextKey();
    await this.say('updateProfile', key, { name: `Buyer ${key}` }, 'Profile', 'id');
  }

  /** Undefined when there was never an answer, or another one than was to be. */
  private async say<Fields>(mutation: string, key: string, input: object, member: string, fields: string) {
    const answer = await this.load.say<Fields>(this.person, mutation, key, input, `... on ${member} { ${fields} }`);
    return answer?.__typename === member ? answer : undefined;
  }

  /** Something that a later act of the same person takes the place of. Returns whether it is done. */
  private async change(mutation: string, input: object, member: string, word: LastWord): Promise<boolean> {
    const answer = await this.load.say(this.person, mutation, this.nextKey(), input, `... on ${member} { id }`);
    if (answer === undefined) this.load.crowd.doubt(word);
    else if (answer.__typename === member) this.load.crowd.told(word);
    return answer?.__typename === member;
  }

  private readonly tie = (to: string, value: string | null): LastWord => ({
    kind: 'follow',
    by: this.person.profileId,
    to,
    value,
  });
  private readonly reaction = (to: string, value: string | null): LastWord => ({
    kind: 'reaction',
    by: this.person.profileId,
    to,
    value,
  });
  private readonly oneOf = <Item>(items: readonly Item[]): Item | undefined =>
    items[Math.floor(this.random() * items.length)];
  private readonly nextKey = (): string => `${this.name}-social-${++this.keys}`;
}
