import type { Api } from '../protocol/api.js';
import type { Reader } from '../protocol/reader.js';
import type { Writer } from '../protocol/writer.js';

export interface RequestContext {
  readonly version: number;
  readonly clientId: string;
  readonly clientHost: string;
}

/** Writes a response's body; null where the protocol has no response (Produce with acks=0). */
export type Answer = ((writer: Writer) => void) | null;

/** An API with what answers it. */
export interface Route {
  readonly key: number;
  readonly name: string;
  readonly minVersion: number;
  readonly maxVersion: number;
  answer(reader: Reader, context: RequestContext): Promise<Answer>;
}

type Handler<Request, Response> = (
  request: Request,
  context: RequestContext,
) => Response | null | Promise<Response | null>;

export function route<Request, Response>(api: Api<Request, Response>, handler: Handler<Request, Response>): Route {
  const { key, name, minVersion, maxVersion } = api;
  return {
    key,
    name,
    minVersion,
    maxVersion,
    async answer(reader, context) {
      const request = api.request.read(reader, context.version);
      const response = await handler(request, context);
      return response === null ? null : (writer) => api.response.write(writer, response, context.version);
    },
  };
}
