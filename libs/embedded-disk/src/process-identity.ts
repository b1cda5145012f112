import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { codeOf } from './error-code.js';

/** A process that can be told from a later one with the same number. */
export const ProcessIdentity = z.object({ pid: z.number().int().positive(), bornAt: z.string().optional() });
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

export const thisProcess = (): ProcessIdentity => {
  const bornAt = birthOf(process.pid);
  return { pid: process.pid, ...(bornAt === undefined ? {} : { bornAt }) };
};

/**
 * Numbers of processes come back, after a restart of a machine or a container even at once: where the system tells
 * when a process began (Linux), that has to fit too.
 */
export function isAlive({ pid, bornAt }: ProcessIdentity): boolean {
  if (!exists(pid)) return false;
  const birth = birthOf(pid);
  return birth !== 'gone' && (birth === undefined || bornAt === undefined || birth === bornAt);
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

const STATE = 0;
const STARTED_AT = 19;

/** Boot and clock tick of the start; 'gone' for one that has ended but was not collected; undefined where unknown. */
function birthOf(pid: number): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const line = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in parentheses, may hold anything.
    const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
    return fields[STATE] === 'Z' ? 'gone' : `${boot}/${fields[STARTED_AT]}`;
  } catch {
    return undefined;
  }
}
