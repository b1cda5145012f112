import type { Person } from '../support/people.js';
import type { LastWord, Opened } from './checker/shown.js';

/** Somebody of a run. */
export interface Member {
  readonly person: Person;
  readonly signedInAt: number;
}

/** A post that its author was told is published. */
export interface Posted {
  readonly postId: string;
  readonly authorId: string;
}
export interface Shared {
  readonly code: string;
  readonly productId: string;
}

/** Favours those that came first, so that a few have many followers, likes and comments, often at the same moment. */
const SKEW = 2;

/** What the people of a run know of each other, and what they were told is done. */
export class Crowd {
  readonly members: Member[] = [];
  readonly posts: Posted[] = [];
  readonly openings = new Map<string, Opened>();
  private readonly links: Shared[] = [];
  private readonly words = new Map<string, LastWord>();
  private readonly doubtful = new Set<string>();

  join(person: Person): void {
    this.members.push({ person, signedInAt: Date.now() });
  }

  share(link: Shared): void {
    // Sharing the same again gives the same link.
    if (this.openings.has(link.code)) return;
    this.links.push(link);
    this.openings.set(link.code, { code: link.code, asked: 0, answered: 0 });
  }

  /** Counts one that was asked for, or was answered. */
  opening(code: string, change: { readonly asked?: number; readonly answered?: number }): void {
    const { asked = 0, answered = 0 } = this.openings.get(code) ?? {};
    this.openings.set(code, {
      code,
      asked: asked + (change.asked ?? 0),
      answered: answered + (change.answered ?? 0),
    });
  }

  take(postId: string): void {
    const index = this.posts.findIndex((post) => post.postId === postId);
    if (index >= 0) this.posts.splice(index, 1);
  }

  /** Somebody was told that this is so from now on. */
  told(word: LastWord): void {
    this.words.set(keyOf(word), word);
  }

  /** What became of it is not known, and may come to be later than what is asked for next. */
  doubt(word: LastWord): void {
    this.doubtful.add(keyOf(word));
  }

  get lastWords(): LastWord[] {
    return [...this.words].flatMap(([key, word]) => (this.doubtful.has(key) ? [] : [word]));
  }

  somebody = (random: () => number): Member | undefined => pick(this.members, random);
  somePost = (random: () => number): Posted | undefined => pick(this.posts, random);
  someLink = (random: () => number, productId?: string): Shared | undefined =>
    pick(productId === undefined ? this.links : this.links.filter((link) => link.productId === productId), random);
}

const keyOf = ({ kind, by, to }: LastWord): string => `${kind} ${by} ${to}`;
const pick = <Item>(items: readonly Item[], random: () => number): Item | undefined =>
  items[Math.floor(random() ** SKEW * items.length)];
