import type { BrokerParts } from '../broker-parts.js';
import { StorageError } from '../errors.js';
import { ErrorCode } from '../protocol/error-code.js';

/** How the answer for one topic or resource says yes or no. */
export interface Verdict {
  readonly errorCode: number;
  readonly errorMessage: string | null;
}

export const accepted: Verdict = { errorCode: ErrorCode.none, errorMessage: null };
export const refused = (errorCode: number, errorMessage: string): Verdict => ({ errorCode, errorMessage });

/** Carries out a change, and turns a disk that refuses into an answer. */
export async function attempt(report: BrokerParts['report'], change: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await change();
  } catch (error) {
    report(error);
    const errorCode = error instanceof StorageError ? ErrorCode.storage : ErrorCode.unknown;
    return refused(errorCode, error instanceof Error ? error.message : String(error));
  }
}

/** Names that a request has more than once: Kafka refuses each of them. */
export function repeatedNames(entries: readonly { readonly name: string }[]): Set<string> {
  const seen = new Set<string>();
  return new Set(entries.map(({ name }) => name).filter((name) => seen.size === seen.add(name).size));
}
