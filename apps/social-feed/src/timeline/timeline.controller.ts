import { Controller } from '@nestjs/common';
import { HomeFeed, type InputOf, type OutputOf } from '#contracts';
import { placeOf, toPage } from '#persistence';
import { Handles, type OperationContext } from '#service-kit';
import { HomeFeedQuery } from './home-feed.query.js';

@Controller()
export class TimelineController {
  constructor(private readonly feed: HomeFeedQuery) {}

  @Handles(HomeFeed)
  async homeFeed(
    { first, after }: InputOf<typeof HomeFeed>,
    { profileId }: OperationContext,
  ): Promise<OutputOf<typeof HomeFeed>> {
    const list = `home ${profileId}`;
    const { items, hasNextPage } = await this.feed.page(profileId, first, placeOf(list, after));
    const rows = items.map(({ postId, post, reason }) => ({ place: postId, node: { post, reason } }));
    return { ...toPage(list, first, rows), hasNextPage };
  }
}
