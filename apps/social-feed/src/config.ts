import { z } from 'zod';
import { ServiceConfig } from '#service-kit';
import { DEFAULT_TIMELINE_SETTINGS } from './timeline/timeline.settings.js';

const count = (byDefault: number) => z.coerce.number().int().min(1).default(byDefault);

/** What the service takes from its environment, beside what every service does. */
export const SocialFeedConfig = ServiceConfig.extend({
  feedPullAboveFollowers: count(DEFAULT_TIMELINE_SETTINGS.pullAboveFollowers),
  feedKeptEntries: count(DEFAULT_TIMELINE_SETTINGS.keptEntries),
  feedTrimEvery: count(DEFAULT_TIMELINE_SETTINGS.trimEvery),
  feedFanOutChunk: count(DEFAULT_TIMELINE_SETTINGS.fanOutChunk),
});
export type SocialFeedConfig = z.infer<typeof SocialFeedConfig>;

export const environment = process.env;
