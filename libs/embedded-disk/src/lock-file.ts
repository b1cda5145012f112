import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { readIfThere, writeWhole } from './durable-file.js';
import { isAlive, ProcessIdentity, thisProcess } from './process-identity.js';
import { codeOf } from './error-code.js';

/** Held by one living process at a time. */
export interface LockFile {
  /** Tells others more: `holderOf` returns it. */
  tell(details: Readonly<Record<string, string>>): void;
  release(): void;
}

const Holder = ProcessIdentity.loose();
export type Holder = ProcessIdentity & Readonly<Record<string, unknown>>;

/** The living process that holds the lock, if there is one. */
export function holderOf(file: string): Holder | undefined {
  const text = readIfThere(file);
  const holder = text === undefined ? undefined : parse(text);
  return holder && isAlive(holder) ? holder : undefined;
}

/** Undefined when a living process has it. What dead ones left is taken over. */
export function takeLock(file: string): LockFile | undefined {
  const identity = thisProcess();
  const draft = `${file}.${identity.pid}`;
  writeFileSync(draft, JSON.stringify(identity), { mode: 0o600 });
  try {
    // A link appears with its content, and only where there is none.
    while (!tryLink(draft, file)) {
      if (holderOf(file)) return undefined;
      removeDead(file, draft);
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return {
    tell: (details) => writeWhole(file, JSON.stringify({ ...identity, ...details })),
    release: () => rmSync(file, { force: true }),
  };
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Two may find the same dead one, and the slower of them must not take away the lock of the quicker. */
function removeDead(file: string, draft: string): void {
  const aside = `${draft}.dead`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (holderOf(aside)) tryLink(aside, file);
  rmSync(aside, { force: true });
}

function parse(text: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}
