import type { Codec } from './codec.js';

/** One API of the protocol: its key, the versions that this broker speaks, and both messages. */
export interface Api<Request, Response> {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  /** From this version on lengths are short, and messages and headers end with tagged fields (KIP-482). */
  readonly flexibleFrom: number;
  readonly request: Codec<Request>;
  readonly response: Codec<Response>;
}

type Definition<Request, Response> = Omit<Api<Request, Response>, 'minVersion' | 'flexibleFrom'> & {
  readonly flexibleFrom?: number;
};

/** The minimum is 0 everywhere: librdkafka switches features on by ranges that contain low versions. */
export function defineApi<Request, Response>(definition: Definition<Request, Response>): Api<Request, Response> {
  return { flexibleFrom: Number.POSITIVE_INFINITY, ...definition, minVersion: 0 };
}

export type RequestOf<A> = A extends Api<infer Request, infer _> ? Request : never;
export type ResponseOf<A> = A extends Api<infer _, infer Response> ? Response : never;
