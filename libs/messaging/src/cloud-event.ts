import { z } from 'zod';
import type { EventContract, EventEnvelope } from '#contracts';
import type { IncomingMessage, MessageHeaders, OutgoingMessage } from './bus/message-bus.js';
import { usualTimeMs } from './event-time.js';

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
export const typeOf = (message: IncomingMessage): string | undefined => message.headers.get('ce_type');

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
  const { id, source, subject, version, time, traceparent } = readAttributes(contract.type, message.headers);
  const parsed = contract.schema.safeParse(parseJson(contract.type, message.value));
  if (!parsed.success) throw new InvalidMessageError(contract.type, z.prettifyError(parsed.error));
  const { type } = contract;
  const { data } = parsed;
  const key = message.key ?? subject;
  // Written twice: a spread would take as long as reading the attributes.
  return traceparent === undefined
    ? { id, type, source, subject, version, key, time, data }
    : { id, type, source, subject, version, key, time, traceparent, data };
}

/** As this lib writes it. */
const VERSION = /^[1-9]\d{0,14}$/;
interface ReadAttributes extends Pick<EventEnvelope, 'id' | 'source' | 'subject' | 'version' | 'time'> {
  readonly traceparent: string | undefined;
}

/** Attributes as this lib writes them are told to be right by a look, at a tenth of what the schema takes. */
function readAttributes(type: string, headers: MessageHeaders): ReadAttributes {
  const id = headers.get('ce_id');
  const source = headers.get('ce_source');
  const subject = headers.get('ce_subject');
  const time = headers.get('ce_time') ?? '';
  const version = headers.get('ce_aggregateversion') ?? '';
  const isUsual = headers.get('ce_specversion') === '1.0' && VERSION.test(version) && !Number.isNaN(usualTimeMs(time));
  if (!isUsual || !id || !source || !subject || !headers.get('ce_type')) return parseAttributes(type, headers);
  return { id, source, subject, time, version: Number(version), traceparent: headers.get('traceparent') };
}

function parseAttributes(type: string, headers: MessageHeaders): ReadAttributes {
  const attributes = Attributes.safeParse(Object.fromEntries(headers));
  if (!attributes.success) throw new InvalidMessageError(type, z.prettifyError(attributes.error));
  const { ce_id: id, ce_source: source, ce_subject: subject, ce_time: time, traceparent } = attributes.data;
  return { id, source, subject, time, version: attributes.data.ce_aggregateversion, traceparent };
}

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
