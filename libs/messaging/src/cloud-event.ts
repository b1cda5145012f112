import { z } from 'zod';
import type { EventContract, EventEnvelope } from '#contracts';
import type { IncomingMessage, OutgoingMessage } from './bus/message-bus.js';

/** CloudEvents 1.0, binary mode: attributes are headers, the value is the data alone. */
const Attributes = z.object({
  ce_specversion: z.literal('1.0'),
  ce_id: z.string().min(1),
  ce_type: z.string().min(1),
  ce_source: z.string().min(1),
  ce_subject: z.string().min(1),
  ce_time: z.iso.datetime(),
  ce_aggregateversion: z.coerce.number().int().positive(),
  traceparent: z.string().optional(),
});
/** `sequence` is compared as text. */
const SEQUENCE_DIGITS = 16;

/** What a message says it is, before anything of it was checked; undefined when it is no CloudEvent. */
export const typeOf = (message: IncomingMessage): string | undefined => message.headers['ce_type'];

/** @throws InvalidMessageError when the event breaks its contract. */
export function encodeEvent(contract: EventContract, event: EventEnvelope): OutgoingMessage {
  const data = contract.schema.safeParse(event.data);
  if (!data.success) throw new InvalidMessageError(contract.type, z.prettifyError(data.error));
  return {
    topic: contract.topic,
    key: event.key,
    value: JSON.stringify(data.data),
    headers: {
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_type: event.type,
      ce_source: event.source,
      ce_subject: event.subject,
      ce_time: event.time,
      ce_partitionkey: event.key,
      ce_sequence: String(event.version).padStart(SEQUENCE_DIGITS, '0'),
      ce_aggregateversion: String(event.version),
      'content-type': 'application/json',
      ...(event.traceparent === undefined ? {} : { traceparent: event.traceparent }),
    },
  };
}

/** @throws InvalidMessageError when attributes or data are not what the contract promises. */
export function decodeEvent<Type extends string, Data>(
  contract: EventContract<Type, Data>,
  message: Pick<IncomingMessage, 'key' | 'value' | 'headers'>,
): EventEnvelope<Type, Data> {
  const attributes = readAttributes(contract.type, message.headers);
  const data = contract.schema.safeParse(parseJson(contract.type, message.value));
  if (!data.success) throw new InvalidMessageError(contract.type, z.prettifyError(data.error));
  const { ce_id, ce_source, ce_subject, ce_time, ce_aggregateversion, traceparent } = attributes;
  return {
    id: ce_id,
    type: contract.type,
    source: ce_source,
    subject: ce_subject,
    version: ce_aggregateversion,
    key: message.key ?? ce_subject,
    time: ce_time,
    ...(traceparent === undefined ? {} : { traceparent }),
    data: data.data,
  };
}

/** As this lib writes them: nearly all are told to be right by this alone, at a tenth of what the schema takes. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const VERSION = /^[1-9]\d{0,14}$/;

function readAttributes(type: string, headers: IncomingMessage['headers']): z.infer<typeof Attributes> {
  const { ce_specversion, ce_id, ce_type, ce_source, ce_subject, ce_time = '', ce_aggregateversion = '' } = headers;
  const isUsual = ce_specversion === '1.0' && VERSION.test(ce_aggregateversion) && isUsualTime(ce_time);
  if (isUsual && ce_id && ce_type && ce_source && ce_subject) {
    const { traceparent } = headers;
    const version = Number(ce_aggregateversion);
    return {
      ce_specversion,
      ce_id,
      ce_type,
      ce_source,
      ce_subject,
      ce_time,
      ce_aggregateversion: version,
      traceparent,
    };
  }
  const attributes = Attributes.safeParse(headers);
  if (!attributes.success) throw new InvalidMessageError(type, z.prettifyError(attributes.error));
  return attributes.data;
}

/** A day that its month has not comes out as another one. */
const isUsualTime = (time: string): boolean => {
  const ms = TIME.test(time) ? Date.parse(time) : Number.NaN;
  return !Number.isNaN(ms) && new Date(ms).getUTCDate() === Number(time.slice(8, 10));
};

function parseJson(type: string, value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString() ?? 'null');
  } catch {
    throw new InvalidMessageError(type, 'the value is not JSON');
  }
}

/** A message that is not what its type promises. Trying again changes nothing, so it is set aside at once. */
export class InvalidMessageError extends Error {
  readonly code = 'MESSAGING.INVALID_MESSAGE';

  constructor(type: string, reason: string) {
    super(`${type}: ${reason}`);
    this.name = 'InvalidMessageError';
  }
}
