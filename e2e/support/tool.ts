import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const MAINS = join(import.meta.dirname, '../../dist/apps/cli/src');

export interface ToolRun {
  readonly status: number | null;
  /** What it said on both its outputs. */
  readonly output: string;
  /** Of its standard output. */
  readonly lastLine: string;
}

/** Runs one of the command-line tools to its end, from a folder that has no real data beside it. */
export async function runTool(
  name: string,
  args: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: Record<string, string> },
): Promise<ToolRun> {
  const child = spawn(process.execPath, [join(MAINS, `${name}.main.js`), ...args], { cwd, env });
  const said: string[] = [];
  const all: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (said.push(text), all.push(text)));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void all.push(text));
  const [status] = (await once(child, 'close')) as [number | null];
  return { status, output: all.join(''), lastLine: said.join('').trimEnd().split('\n').at(-1) ?? '' };
}
