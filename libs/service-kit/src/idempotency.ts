import { createHash } from 'node:crypto';

/** What is kept of a command that came with a clientMutationKey. */
export interface IdempotencyRecord {
  readonly _id: string;
  readonly inputHash: string;
  readonly commandId: string;
  /** When the command was first run. */
  readonly at: Date;
  /** Goes up with every run of the command. */
  readonly run: number;
  /** Until when the present run is believed to be alive; it prolongs it. */
  readonly leaseUntil: Date;
  /** JSON of the result; absent until there is one. */
  readonly result?: string;
  /** When the key is forgotten. */
  readonly expiresAt: Date;
}

export type IdempotencyVerdict =
  /** The first result again. */
  | { readonly kind: 'answer'; readonly result: string }
  /** The key was used with another input. */
  | { readonly kind: 'conflict' }
  /** Somebody runs it at this moment. */
  | { readonly kind: 'wait' }
  /** The one who ran it has died or failed: run it again, with the same commandId and time. */
  | { readonly kind: 'run-again' }
  /** The record has outlived its 24 h. */
  | { readonly kind: 'forget' };

/** What a record means for a command that comes with its key. */
export function judge(record: IdempotencyRecord, inputHash: string, now: Date): IdempotencyVerdict {
  if (record.expiresAt <= now) return { kind: 'forget' };
  if (record.inputHash !== inputHash) return { kind: 'conflict' };
  if (record.result !== undefined) return { kind: 'answer', result: record.result };
  return record.leaseUntil > now ? { kind: 'wait' } : { kind: 'run-again' };
}

/** Equal for equal input, whatever the order of its keys; undefined and absent are the same. */
export const hashInput = (input: unknown): string => sha256(canonical(input));

const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** The same for the same caller, operation and key. A caller's keys are its own. */
export const recordId = (accountId: string, operation: string, key: string): string =>
  sha256(JSON.stringify([accountId, operation, key]));

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if ('toJSON' in value) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, part]) => part !== undefined);
  const sorted = entries.toSorted(([left], [right]) => (left < right ? -1 : Number(left > right)));
  return `{${sorted.map(([key, part]) => `${JSON.stringify(key)}:${canonical(part)}`).join()}}`;
}
