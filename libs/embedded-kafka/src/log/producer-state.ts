import type { BatchHeader } from './record-batch.js';

const rememberedBatches = 5;
const sequenceModulus = 0x8000_0000;

export interface AppendedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly timestamp: number;
}

/** What a partition remembers of one idempotent producer: its epoch and its last five batches. */
export interface ProducerEntry {
  readonly epoch: number;
  readonly batches: readonly AppendedBatch[];
  readonly lastSeenMs: number;
}

export type SequenceVerdict =
  | { readonly kind: 'append'; readonly lastSequence: number }
  | { readonly kind: 'duplicate'; readonly of: AppendedBatch }
  | { readonly kind: 'out-of-order' }
  | { readonly kind: 'fenced' };

type Sequenced = Pick<BatchHeader, 'producerEpoch' | 'baseSequence' | 'recordCount'>;

/**
 * Kafka's rule (ProducerAppendInfo, ProducerStateEntry): the same first and last sequence among the last five batches
 * is a repetition; otherwise the sequence must go on without a gap. A producer that is not known may start anywhere.
 */
export function judgeSequence(entry: ProducerEntry | undefined, batch: Sequenced): SequenceVerdict {
  const lastSequence = (batch.baseSequence + batch.recordCount - 1) % sequenceModulus;
  if (entry === undefined) return { kind: 'append', lastSequence };
  if (batch.producerEpoch < entry.epoch) return { kind: 'fenced' };
  if (batch.producerEpoch > entry.epoch) {
    return batch.baseSequence === 0 ? { kind: 'append', lastSequence } : { kind: 'out-of-order' };
  }
  const same = entry.batches.find(
    (known) => known.firstSequence === batch.baseSequence && known.lastSequence === lastSequence,
  );
  if (same !== undefined) return { kind: 'duplicate', of: same };
  const last = entry.batches.at(-1);
  const expected = last === undefined ? batch.baseSequence : (last.lastSequence + 1) % sequenceModulus;
  return batch.baseSequence === expected ? { kind: 'append', lastSequence } : { kind: 'out-of-order' };
}

export function remember(
  entry: ProducerEntry | undefined,
  epoch: number,
  batch: AppendedBatch,
  nowMs: number,
): ProducerEntry {
  const before = entry !== undefined && entry.epoch === epoch ? entry.batches : [];
  return { epoch, batches: [...before, batch].slice(-rememberedBatches), lastSeenMs: nowMs };
}
