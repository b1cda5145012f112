import { Controller } from '@nestjs/common';
import {
  CreatePost,
  DeletePost,
  notFound,
  PostsByAuthor,
  PostsByIds,
  PostsByProduct,
  type InputOf,
  type OutputOf,
  type Page,
  type PostView,
} from '#contracts';
import { placeOf, toPage } from '#persistence';
import { Handles, type OperationContext } from '#service-kit';
import type { Stored } from '#persistence';
import { ProductDirectory } from '../product/product-directory.query.js';
import { publishPost, takePostBack, type Post } from './post.js';
import { PostViews } from './post.query.js';
import { PostRepository } from './post.repository.js';

@Controller()
export class PostController {
  constructor(
    private readonly posts: PostRepository,
    private readonly views: PostViews,
    private readonly products: ProductDirectory,
  ) {}

  @Handles(CreatePost)
  async createPost(
    { text, media, productTags }: InputOf<typeof CreatePost>,
    context: OperationContext,
  ): Promise<OutputOf<typeof CreatePost>> {
    const missing = await this.products.findMissing(productTags);
    if (missing) return missing;
    const postId = context.newId('post');
    const { profileId: authorId, at, commandId } = context;
    const { state, events } = publishPost(postId, { authorId, text, media, productTags }, at);
    const { stored } = await this.posts.insert(postId, state, events, { commandId });
    return { __typename: 'Post', ...(await this.views.one(stored, authorId)) };
  }

  @Handles(DeletePost)
  async deletePost(
    { id }: InputOf<typeof DeletePost>,
    { profileId, commandId }: OperationContext,
  ): Promise<OutputOf<typeof DeletePost>> {
    const deleted = await this.posts.mutate(
      id,
      (post) => {
        if (post.deleted || post.authorId !== profileId) return { result: false };
        return { ...takePostBack(id, post), result: true };
      },
      { commandId },
    );
    const isDone = deleted?.result === true || deleted?.repeated === true;
    return isDone ? { __typename: 'DeletedPost', id } : notFound('Post', id);
  }

  @Handles(PostsByIds)
  async postsByIds(
    { ids }: InputOf<typeof PostsByIds>,
    { caller }: OperationContext,
  ): Promise<OutputOf<typeof PostsByIds>> {
    return [...(await this.views.byIds(ids, caller?.profileId)).values()];
  }

  @Handles(PostsByAuthor)
  async postsByAuthor(
    { profileId, first, after }: InputOf<typeof PostsByAuthor>,
    { caller }: OperationContext,
  ): Promise<OutputOf<typeof PostsByAuthor>> {
    const list = `posts of ${profileId}`;
    const posts = await this.posts.byAuthor(profileId, placeOf(list, after), first + 1);
    return this.page(list, first, posts, caller?.profileId);
  }

  @Handles(PostsByProduct)
  async postsByProduct(
    { productId, first, after }: InputOf<typeof PostsByProduct>,
    { caller }: OperationContext,
  ): Promise<OutputOf<typeof PostsByProduct>> {
    const list = `posts about ${productId}`;
    const posts = await this.posts.byProduct(productId, placeOf(list, after), first + 1);
    return this.page(list, first, posts, caller?.profileId);
  }

  private async page(
    list: string,
    first: number,
    posts: readonly Stored<Post>[],
    viewerId: string | undefined,
  ): Promise<Page<PostView>> {
    const views = await this.views.of(posts, viewerId);
    return toPage(
      list,
      first,
      views.map((node) => ({ place: node.id, node })),
    );
  }
}
