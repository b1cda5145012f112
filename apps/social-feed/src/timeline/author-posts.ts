import type { PostRepository } from '../post/post.repository.js';
import type { Entry } from './timeline.js';

const AUTHORS_AT_ONCE = 250;
const ENTRIES_KEPT = 200_000;

/**
 * The newest posts of authors, each asked for once while feeds are made anew. They may be as old as that takes: a post
 * that came since is brought to feeds by whoever wrote it, and one that went is left out by whoever reads.
 */
export class AuthorPosts {
  private lists = new Map<string, readonly Entry[]>();
  private size = 0;

  /** @param limit of each author. */
  constructor(
    private readonly posts: Pick<PostRepository, 'newestOfEach'>,
    private readonly limit: number,
  ) {}

  /** A list for each of these authors. */
  async of(authorIds: Iterable<string>): Promise<ReadonlyMap<string, readonly Entry[]>> {
    const wanted = new Set(authorIds);
    if (this.size > ENTRIES_KEPT) this.forgetAllBut(wanted);
    const missing = [...wanted].filter((authorId) => !this.lists.has(authorId));
    // Those who ask at the same moment keep what they have got, whatever is forgotten.
    const { lists } = this;
    for (let from = 0; from < missing.length; from += AUTHORS_AT_ONCE) {
      const found = await this.posts.newestOfEach(missing.slice(from, from + AUTHORS_AT_ONCE), this.limit);
      for (const [authorId, list] of found) {
        lists.set(authorId, list);
        this.size += list.length;
      }
    }
    return lists;
  }

  private forgetAllBut(wanted: ReadonlySet<string>): void {
    this.lists = new Map([...this.lists].filter(([authorId]) => wanted.has(authorId)));
    this.size = [...this.lists.values()].reduce((sum, list) => sum + list.length, 0);
  }
}
