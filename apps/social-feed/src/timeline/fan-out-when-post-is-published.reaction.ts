import { Injectable } from '@nestjs/common';
import { PostPublished, type EventOf } from '#contracts';
import { ConsumerGroup, OnEvent } from '#messaging';
import { FanOut } from './fan-out.js';

@Injectable()
@ConsumerGroup('social-feed.timelines')
export class FanOutWhenPostIsPublished {
  constructor(private readonly fanOut: FanOut) {}

  @OnEvent(PostPublished)
  async onPostPublished({ data, time }: EventOf<typeof PostPublished>): Promise<void> {
    await this.fanOut.spread({ postId: data.postId, authorId: data.authorId }, new Date(time));
  }
}
