import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

const LAST_LINES = 60;

/** A program of dist/ in a process of its own. */
export class Program {
  private readonly lines: string[] = [];

  private constructor(private readonly child: ChildProcess) {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.lines.push(...text.split('\n'));
        this.lines.splice(0, this.lines.length - LAST_LINES);
      });
    }
  }

  static run(script: string, args: readonly string[], env: Record<string, string>): Program {
    return new Program(spawn(process.execPath, [script, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** What it said last, for the message of a test that fails. */
  get output(): string {
    return this.lines.join('\n');
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Sends a signal and waits for the end. Returns the exit status, null after SIGKILL. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.hasEnded) return this.child.exitCode;
    const ended = once(this.child, 'exit');
    this.child.kill(signal);
    await ended;
    return this.child.exitCode;
  }
}
