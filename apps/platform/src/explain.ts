import { codeOf } from '#embedded-disk';

/** What the terminal says of a failure: the message where it is made for reading, the stack where it is a surprise. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return hasCode(error) ? error.message : (error.stack ?? error.message);
}

/** Our errors and the system's have a code; that of a programming error begins with ERR_, as do wrong arguments. */
function hasCode(error: Error): boolean {
  const code = codeOf(error);
  return typeof code === 'string' && !/^ERR_(?!PARSE_ARGS)/.test(code);
}
