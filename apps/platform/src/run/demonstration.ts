import type { Logger } from '#service-kit';
import { loadDemonstration } from '../../../cli/src/demonstration/load-demonstration.js';
import type { PlatformConfig } from '../config.js';
import type { DataFolder } from '../data/data-folder.js';
import type { BannerFacts } from './banner.js';

interface Surroundings {
  readonly config: PlatformConfig;
  readonly folder: DataFolder;
  readonly url: string;
  readonly logger: Logger;
  say(line: string): void;
}

/**
 * Two shops and the people around them, made through the API unless they are there already. Without them everything
 * else still works, so a failure is told and tried again at the next start.
 */
export async function makeDemonstration(surroundings: Surroundings): Promise<BannerFacts['demonstration']> {
  const { config, folder, url, logger, say } = surroundings;
  if (config.demonstration === 'off') return undefined;
  say('Looking for the demonstration, or making it …');
  try {
    const { signIns, sampleQueries } = await loadDemonstration({ url, dataDir: folder.dir });
    return { signIns, samples: sampleQueries };
  } catch (error) {
    logger.warn({ err: error }, 'The demonstration is not complete; the next start goes on with it');
    return undefined;
  }
}
