import { PostDeleted, PostPublished, type EventOf } from '#contracts';
import { restoredAggregates } from '#messaging';
import type { KnownState } from '#persistence';
import { publishPost, type Post } from './post.js';
import { PostRepository } from './post.repository.js';

type PostEvent = EventOf<typeof PostPublished> | EventOf<typeof PostDeleted>;

/** What an event tells of a post. */
export function toldOfPost(told: PostEvent): KnownState<Post> {
  const { subject: id, version, time } = told;
  if (told.type === 'post.deleted') {
    const empty = { authorId: told.data.authorId, text: '', media: [], productTags: [] };
    const apply = (present: Post = publishPost(id, empty, new Date(time)).state) => ({ ...present, deleted: true });
    return { id, version, apply };
  }
  const { state } = publishPost(id, told.data, new Date(told.data.createdAt ?? time));
  const apply = (present: Post | undefined, isNewest: boolean) => ({
    ...state,
    deleted: !isNewest && present?.deleted === true,
  });
  return { id, version, apply };
}

/** Posts, from their states. */
export const restoredPosts = restoredAggregates({
  name: 'social-feed.posts',
  from: [PostPublished, PostDeleted],
  into: PostRepository,
  told: toldOfPost,
});
