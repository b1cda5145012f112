import { Controller } from '@nestjs/common';
import { notFound, React, Unreact, type InputOf, type OutputOf } from '#contracts';
import { Handles, type OperationContext } from '#service-kit';
import { PostViews } from '../post/post.query.js';
import { PostRepository } from '../post/post.repository.js';
import { ReactHandler } from './react.handler.js';

@Controller()
export class ReactionController {
  constructor(
    private readonly posts: PostRepository,
    private readonly views: PostViews,
    private readonly handler: ReactHandler,
  ) {}

  @Handles(React)
  async react({ postId, kind }: InputOf<typeof React>, context: OperationContext): Promise<OutputOf<typeof React>> {
    const { profileId, commandId } = context;
    return this.onPost(postId, profileId, () => this.handler.react(postId, profileId, kind, { commandId }));
  }

  @Handles(Unreact)
  async unreact({ postId }: InputOf<typeof Unreact>, context: OperationContext): Promise<OutputOf<typeof Unreact>> {
    const { profileId, commandId } = context;
    return this.onPost(postId, profileId, () => this.handler.unreact(postId, profileId, { commandId }));
  }

  private async onPost(postId: string, viewerId: string, act: () => Promise<void>): Promise<OutputOf<typeof React>> {
    const post = await this.posts.findLive(postId);
    if (!post) return notFound('Post', postId);
    await act();
    return { __typename: 'Post', ...(await this.views.one(post, viewerId)) };
  }
}
