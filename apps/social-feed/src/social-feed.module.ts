import { Module, type DynamicModule } from '@nestjs/common';
import { MessagingModule } from '#messaging';
import { CommentController } from './comment/comment.controller.js';
import { CommentHandler } from './comment/comment.handler.js';
import { CommentRepository } from './comment/comment.repository.js';
import type { SocialFeedConfig } from './config.js';
import { FollowCounts } from './graph/follow-counts.projection.js';
import { FollowHandler } from './graph/follow.handler.js';
import { FollowRepository } from './graph/follow.repository.js';
import { GraphController } from './graph/graph.controller.js';
import { PostCounts } from './post/post-counts.projection.js';
import { PostController } from './post/post.controller.js';
import { PostViews } from './post/post.query.js';
import { PostRepository } from './post/post.repository.js';
import { ProductCopies } from './product/product-copy.projection.js';
import { ProductDirectory } from './product/product-directory.query.js';
import { ProfileArrivals } from './profile/profile-arrivals.js';
import { ProfileController } from './profile/profile.controller.js';
import { ProfileViews } from './profile/profile.query.js';
import { ProfileRepository } from './profile/profile.repository.js';
import { ReactHandler } from './reaction/react.handler.js';
import { ReactionController } from './reaction/reaction.controller.js';
import { ReactionRepository } from './reaction/reaction.repository.js';
import { ShareLinkController } from './share-link/share-link.controller.js';
import { ShareLinkHandler } from './share-link/share-link.handler.js';
import { LinkOrders, ShareLinkRepository } from './share-link/share-link.repository.js';
import { projections as rebuildable, reactions, remakes, restorations } from './subscriptions.js';
import { FanOut } from './timeline/fan-out.js';
import { HomeFeedQuery } from './timeline/home-feed.query.js';
import { HomeFeeds } from './timeline/home.projection.js';
import { PulledAuthors } from './timeline/pulled-authors.projection.js';
import { TimelineController } from './timeline/timeline.controller.js';
import { TIMELINE_SETTINGS, type TimelineSettings } from './timeline/timeline.settings.js';

const aggregates = [
  ProfileRepository,
  FollowRepository,
  PostRepository,
  ReactionRepository,
  CommentRepository,
  ShareLinkRepository,
];
const projections = [FollowCounts, PostCounts, ProductCopies, HomeFeeds, PulledAuthors, LinkOrders];
const queries = [ProfileViews, PostViews, ProductDirectory, HomeFeedQuery, ProfileArrivals];
const handlers = [FollowHandler, FanOut, ReactHandler, CommentHandler, ShareLinkHandler];
const controllers = [
  ProfileController,
  GraphController,
  PostController,
  ReactionController,
  CommentController,
  TimelineController,
  ShareLinkController,
];

@Module({})
export class SocialFeedModule {
  static with(config: SocialFeedConfig): DynamicModule {
    const settings: TimelineSettings = {
      pullAboveFollowers: config.feedPullAboveFollowers,
      keptEntries: config.feedKeptEntries,
      trimEvery: config.feedTrimEvery,
      fanOutChunk: config.feedFanOutChunk,
    };
    return {
      module: SocialFeedModule,
      imports: [
        MessagingModule.forService({
          service: 'social-feed',
          aggregates,
          reactions,
          restorations,
          projections: rebuildable,
          remakes,
        }),
      ],
      controllers,
      providers: [
        { provide: TIMELINE_SETTINGS, useValue: settings },
        ...aggregates,
        ...projections,
        ...queries,
        ...handlers,
        ...reactions,
        ...remakes.map(({ remake }) => remake),
      ],
    };
  }
}
