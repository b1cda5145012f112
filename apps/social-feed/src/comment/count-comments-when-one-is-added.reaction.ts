import { Injectable } from '@nestjs/common';
import { Commented, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { CommentHandler } from './comment.handler.js';

/** Comments are counted, even if the process that wrote one died right after. */
@Injectable()
@ConsumerGroup('social-feed.engagement')
export class CountCommentsWhenOneIsAdded {
  constructor(private readonly handler: CommentHandler) {}

  @OnEvent(Commented)
  async onCommented({ data }: EventOf<typeof Commented>): Promise<void> {
    await this.handler.settle(data.commentId, data.postId);
  }
}
