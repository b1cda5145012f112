import { Controller } from '@nestjs/common';
import {
  CreateShareLink,
  notFound,
  RecordClick,
  ShareLinkByCode,
  ShareLinksByIds,
  ShareLinksOfCaller,
  type InputOf,
  type OutputOf,
  type ShareLinkView,
} from '#contracts';
import { placeOf, toPage } from '#persistence';
import type { Stored } from '#persistence';
import { Handles, type OperationContext } from '#service-kit';
import { PostRepository } from '../post/post.repository.js';
import { ProductDirectory } from '../product/product-directory.query.js';
import { ShareLinkHandler } from './share-link.handler.js';
import type { ShareLink } from './share-link.js';
import { ShareLinkRepository } from './share-link.repository.js';

const toView = ({ id, state }: Stored<ShareLink>): ShareLinkView => ({
  id,
  code: state.code,
  ownerId: state.ownerId,
  productId: state.productId,
  postId: state.postId,
  createdAt: state.createdAt.toISOString(),
  clicks: state.clicks,
  orders: state.orders,
});

@Controller()
export class ShareLinkController {
  constructor(
    private readonly links: ShareLinkRepository,
    private readonly handler: ShareLinkHandler,
    private readonly posts: PostRepository,
    private readonly products: ProductDirectory,
  ) {}

  @Handles(CreateShareLink)
  async createShareLink(
    { productId, postId }: InputOf<typeof CreateShareLink>,
    context: OperationContext,
  ): Promise<OutputOf<typeof CreateShareLink>> {
    const missing = await this.products.findMissing([{ productId }]);
    if (missing) return missing;
    if (postId && !(await this.posts.findLive(postId))) return notFound('Post', postId);
    const target = { ownerId: context.profileId, productId, postId: postId ?? null };
    return { __typename: 'ShareLink', ...toView(await this.handler.create(target, context)) };
  }

  @Handles(RecordClick)
  async recordClick({ code }: InputOf<typeof RecordClick>): Promise<OutputOf<typeof RecordClick>> {
    const link = await this.handler.click(code);
    return link && toView(link);
  }

  @Handles(ShareLinkByCode)
  async shareLinkByCode({ code }: InputOf<typeof ShareLinkByCode>): Promise<OutputOf<typeof ShareLinkByCode>> {
    const link = await this.links.findByCode(code);
    return link && toView(link);
  }

  @Handles(ShareLinksByIds)
  async shareLinksByIds({ ids }: InputOf<typeof ShareLinksByIds>): Promise<OutputOf<typeof ShareLinksByIds>> {
    return (await this.links.findMany(ids)).map(toView);
  }

  @Handles(ShareLinksOfCaller)
  async shareLinksOfCaller(
    { first, after }: InputOf<typeof ShareLinksOfCaller>,
    { profileId }: OperationContext,
  ): Promise<OutputOf<typeof ShareLinksOfCaller>> {
    const list = `share links of ${profileId}`;
    const links = await this.links.ofOwner(profileId, placeOf(list, after), first + 1);
    return toPage(
      list,
      first,
      links.map((link) => ({ place: link.id, node: toView(link) })),
    );
  }
}
