import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const APPS = fileURLToPath(new URL('../../apps', import.meta.url));

/** The consumer groups that the services' sources name, as their text has it: whether one of them ever starts or not. */
export async function declaredGroups(): Promise<string[]> {
  const files = (await readdir(APPS, { recursive: true })).filter((name) => name.endsWith('.reaction.ts'));
  const texts = await Promise.all(files.map((name) => readFile(join(APPS, name), 'utf8')));
  const named = texts.flatMap((text) => [...text.matchAll(/^@ConsumerGroup\('([^']+)'\)/gm)]);
  const groups = new Set(named.flatMap(([, group]) => group ?? []));
  if (groups.size === 0) throw new Error('no source names a consumer group');
  return [...groups];
}
