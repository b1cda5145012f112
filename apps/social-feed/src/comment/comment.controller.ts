import { Controller } from '@nestjs/common';
import {
  Comment as CommentOnPost,
  CommentsByIds,
  CommentsOfPost,
  notFound,
  type CommentView,
  type InputOf,
  type OutputOf,
} from '#contracts';
import { placeOf, toPage } from '#persistence';
import { Handles, type OperationContext } from '#service-kit';
import type { Stored } from '#persistence';
import { PostRepository } from '../post/post.repository.js';
import { CommentHandler } from './comment.handler.js';
import type { Comment } from './comment.js';
import { CommentRepository } from './comment.repository.js';

const toView = ({ id, state }: Stored<Comment>): CommentView => ({
  id,
  postId: state.postId,
  authorId: state.authorId,
  text: state.text,
  createdAt: state.createdAt.toISOString(),
});

/** Comments go out of sight with their post. */
@Controller()
export class CommentController {
  constructor(
    private readonly comments: CommentRepository,
    private readonly posts: PostRepository,
    private readonly handler: CommentHandler,
  ) {}

  @Handles(CommentOnPost)
  async comment(
    { postId, text }: InputOf<typeof CommentOnPost>,
    context: OperationContext,
  ): Promise<OutputOf<typeof CommentOnPost>> {
    if (!(await this.posts.findLive(postId))) return notFound('Post', postId);
    const { profileId: authorId, at: createdAt, commandId } = context;
    const comment = { postId, authorId, text, createdAt };
    const stored = await this.handler.write(context.newId('comment'), comment, { commandId });
    return { __typename: 'Comment', ...toView(stored) };
  }

  @Handles(CommentsByIds)
  async commentsByIds({ ids }: InputOf<typeof CommentsByIds>): Promise<OutputOf<typeof CommentsByIds>> {
    const comments = await this.comments.findMany(ids);
    const posts = await this.posts.findManyLive([...new Set(comments.map(({ state }) => state.postId))]);
    const live = new Set(posts.map(({ id }) => id));
    return comments.filter(({ state }) => live.has(state.postId)).map(toView);
  }

  @Handles(CommentsOfPost)
  async commentsOfPost({
    postId,
    first,
    after,
  }: InputOf<typeof CommentsOfPost>): Promise<OutputOf<typeof CommentsOfPost>> {
    const list = `comments on ${postId}`;
    const place = placeOf(list, after);
    if (!(await this.posts.findLive(postId))) return { items: [], hasNextPage: false };
    const comments = await this.comments.ofPost(postId, place, first + 1);
    return toPage(
      list,
      first,
      comments.map((comment) => ({ place: comment.id, node: toView(comment) })),
    );
  }
}
