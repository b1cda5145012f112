import { z } from 'zod';
import { DataFolderError } from './data-folder.errors.js';

/** Raised whenever older versions could not read what this one writes below DATA_DIR. */
export const DATA_FORMAT = 2;

/** What makes a folder one of Grapevine's, and says who can read it. */
export const STAMP_FILE = 'grapevine.json';
export const Stamp = z.object({
  format: z.number().int().min(1),
  createdAt: z.string(),
  /** A reset has begun, and may have deleted some of it. */
  deleting: z.literal(true).optional(),
});
export type Stamp = z.infer<typeof Stamp>;

/** Everything that Grapevine puts into the folder, and a reset takes out of it. */
export const OWN_ENTRIES: readonly string[] = [
  'kafka',
  'mongo',
  'ports.json',
  'runtime.json',
  'platform.lock',
  'servers.lock',
  'grapevine.log',
  'grapevine.log.1',
  'credentials.json',
];

/** Command-line tools may have left these before anything was started. */
const HARMLESS = new Set(['credentials.json', 'grapevine.log', 'platform.lock', 'servers.lock']);
const isHarmless = (name: string): boolean => name.startsWith('.') || HARMLESS.has(name);

/** What is in a folder: its names, and its stamp if it has one. */
export interface FolderContents {
  readonly entries: readonly string[];
  readonly stamp: string | undefined;
}

/**
 * Whether a folder is to be made one of Grapevine's or is one. Errors: DataFolderError where it belongs to something
 * else, to another version, or to a reset that did not end.
 */
export function judgeFolder(dir: string, { entries, stamp }: FolderContents): 'create' | 'use' {
  if (stamp === undefined) {
    const foreign = entries.find((name) => !isHarmless(name));
    if (foreign === undefined) return 'create';
    throw new DataFolderError(
      `${dir} is no data folder of Grapevine: it holds ${foreign}, and no ${STAMP_FILE}. Choose another DATA_DIR.`,
    );
  }
  const { format, deleting } = readStamp(dir, stamp);
  if (format !== DATA_FORMAT) {
    throw new DataFolderError(
      `${dir} was written by another version of Grapevine: its data has format ${format}, this version reads ` +
        `${DATA_FORMAT}. Use that version, choose another DATA_DIR, or delete the data with npm run reset.`,
    );
  }
  if (deleting) throw new DataFolderError(`A reset of ${dir} did not end. Do it again: npm run reset`);
  return 'use';
}

/** Errors: DataFolderError. */
export function readStamp(dir: string, text: string): Stamp {
  const parsed = Stamp.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new DataFolderError(`${dir}/${STAMP_FILE} can't be read: it says nothing of the data's format.`);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
