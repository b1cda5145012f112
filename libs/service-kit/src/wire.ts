import type { OperationRequest } from './operation-registry.js';
import type { WireError } from './service-errors.js';

/** Between processes: several calls in one request. */
export const OPERATIONS_PATTERN = 'operations';

export interface WireEntry {
  readonly operation: string;
  readonly input: unknown;
  readonly token?: string;
  readonly requestId: string;
  readonly traceparent: string;
  /** What is left of the deadline: clocks of two machines differ. */
  readonly remainingMs: number;
}
export interface WireRequest {
  readonly entries: readonly WireEntry[];
}

/** The answer to the entry at this index. */
export type WireReply =
  { readonly index: number; readonly output: unknown } | { readonly index: number; readonly error: WireError };

export function toWireEntry({ deadlineAt, ...request }: OperationRequest, now: Date): WireEntry {
  return { ...request, remainingMs: deadlineAt.getTime() - now.getTime() };
}

export function fromWireEntry({ remainingMs, ...entry }: WireEntry, now: Date): OperationRequest {
  return { ...entry, deadlineAt: new Date(now.getTime() + remainingMs) };
}
