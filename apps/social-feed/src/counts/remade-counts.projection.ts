import { Injectable } from '@nestjs/common';
import { SummedProgress, type InPlaceRun, type ReadingProgress, type Remake } from '#messaging';
import { CommentRepository } from '../comment/comment.repository.js';
import { FollowCounts } from '../graph/follow-counts.projection.js';
import { FollowRepository, type Side } from '../graph/follow.repository.js';
import { PostCounts } from '../post/post-counts.projection.js';
import { ReactionRepository } from '../reaction/reaction.repository.js';

/** Pages of ids whose counts are made anew; what was counted of them is the progress. */
async function recountPages<Page>(
  pages: AsyncIterable<Page>,
  total: number,
  recount: (page: Page) => Promise<number>,
  { onProgress, signal }: InPlaceRun,
): Promise<void> {
  let done = 0;
  for await (const page of pages) {
    signal.throwIfAborted();
    done += await recount(page);
    onProgress({ done: Math.min(done, total), total });
  }
  onProgress({ done: total, total });
}

/** How many follow whom, counted again from the ties. */
@Injectable()
export class RemadeFollowCounts implements Remake {
  constructor(
    private readonly follows: FollowRepository,
    private readonly counts: FollowCounts,
  ) {}

  async isMissing(): Promise<boolean> {
    return (await this.counts.isEmpty()) && !(await this.follows.isEmpty());
  }

  async rebuild({ onProgress, signal }: InPlaceRun): Promise<ReadingProgress> {
    const progress = new SummedProgress(onProgress);
    const ties = await this.follows.model.countDocuments().exec();
    const sides = [
      ['followers', this.follows.valuesOf('followeeId')],
      ['following', this.follows.valuesOf('followerId')],
    ] as const;
    for (const [side, pages] of sides) {
      const run = { onProgress: progress.next(), signal };
      await recountPages(pages, ties, (ids) => this.counts.recountAll(side, ids), run);
    }
    // Counts of those that have no tie at all any more, or never had one.
    for await (const page of this.counts.counted()) {
      signal.throwIfAborted();
      for (const side of ['followers', 'following'] satisfies Side[])
        await this.counts.recountAll(
          side,
          page.flatMap(([of, id]) => (of === side ? [id] : [])),
        );
    }
    return progress.sum;
  }
}

/** Reactions and comments of posts, counted again. */
@Injectable()
export class RemadePostCounts implements Remake {
  constructor(
    private readonly reactions: ReactionRepository,
    private readonly comments: CommentRepository,
    private readonly counts: PostCounts,
  ) {}

  async isMissing(): Promise<boolean> {
    if (!(await this.counts.isEmpty())) return false;
    return !(await this.reactions.isEmpty()) || !(await this.comments.isEmpty());
  }

  async rebuild({ onProgress, signal }: InPlaceRun): Promise<ReadingProgress> {
    const progress = new SummedProgress(onProgress);
    const sources = [this.reactions, this.comments] as const;
    for (const source of sources) {
      const total = await source.model.countDocuments().exec();
      const run = { onProgress: progress.next(), signal };
      await recountPages(source.valuesOf('postId'), total, (ids) => this.counts.recountAll(ids), run);
    }
    for await (const ids of this.counts.valuesOf('_id')) {
      signal.throwIfAborted();
      await this.counts.recountAll(ids);
    }
    return progress.sum;
  }
}
