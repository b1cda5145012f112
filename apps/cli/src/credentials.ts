import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { NewPerson } from './api-client.js';

const Stored = z.record(z.string(), z.string());

/**
 * The password of an account that a command-line tool made: random, kept in DATA_DIR/credentials.json, which only its
 * owner may read, so that the next run signs in again.
 */
export function rememberedPassword(dataDir: string, email: string): string {
  const file = join(dataDir, 'credentials.json');
  const stored = read(file);
  const known = stored[email];
  if (known) return known;
  const password = randomBytes(12).toString('base64url');
  mkdirSync(dataDir, { recursive: true });
  // Half a file would lose every password in it.
  const draft = join(dataDir, `.credentials.${process.pid}`);
  writeFileSync(draft, `${JSON.stringify({ ...stored, [email]: password }, null, 2)}\n`, { mode: 0o600 });
  renameSync(draft, file);
  return password;
}

/** The password remembered for an account, if this data folder knows it. */
export const knownPassword = (dataDir: string, email: string): string | undefined =>
  read(join(dataDir, 'credentials.json'))[email];

function read(file: string): z.infer<typeof Stored> {
  try {
    return Stored.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}

/** The account that owns a merchant when none is named. */
export const ownerOf = (handle: string, dataDir: string): NewPerson => {
  const email = `owner@${handle}.example`;
  return { email, password: rememberedPassword(dataDir, email), name: `Owner of ${handle}` };
};
