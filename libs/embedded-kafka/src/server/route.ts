import type { Api } from '../protocol/api.js';
import type { Reader } from '../protocol/reader.js';
import type { Writer } from '../protocol/writer.js';

const apiVersionsKey = 18;

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

/** The answer to ApiVersions has the old header in every version: its client may not know what the broker speaks. */
export const hasFlexibleHeader = (key: number): boolean => key !== apiVersionsKey;

export function route<Request, Response>(
  api: Api<Request, Response>,
  handler: Handler<Request, NoInfer<Response>>,
): Route {
  const { key, name, minVersion, maxVersion, flexibleFrom } = api;
  return {
    key,
    name,
    minVersion,
    maxVersion,
    async answer(reader, context) {
      const { version } = context;
      const isFlexible = version >= flexibleFrom;
      reader.isFlexible = isFlexible;
      if (isFlexible) reader.skipTaggedFields();
      const response = await handler(api.request.read(reader, version), context);
      if (response === null) return null;
      return (writer) => {
        writer.isFlexible = isFlexible;
        if (isFlexible && hasFlexibleHeader(key)) writer.noTaggedFields();
        api.response.write(writer, response, version);
      };
    },
  };
}
