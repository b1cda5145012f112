import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** A program of dist/ in a process of its own, so that a test can kill it as the machine would. */
export class AppProcess {
  private child: ChildProcess | undefined;
  private said = '';

  constructor(
    private readonly main: string,
    private readonly variables: Record<string, string>,
  ) {}

  /** All that it said on both its outputs. */
  get output(): string {
    return this.said;
  }

  get hasEnded(): boolean {
    return !this.child || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Waits until it ends by itself. Its status; null when a signal ended it. */
  async ended(): Promise<number | null> {
    const { child } = this;
    if (child && !this.hasEnded) await once(child, 'exit');
    return child?.exitCode ?? null;
  }

  /** What stands in its output where the pattern's group is. */
  async start(pattern: RegExp): Promise<string> {
    const child = spawn(process.execPath, [join(ROOT, 'dist', this.main)], {
      cwd: ROOT,
      env: this.variables,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.said = '';
    return new Promise((resolve, reject) => {
      const read = (data: Buffer): void => {
        this.said += data.toString();
        const found = pattern.exec(this.said);
        if (found) resolve(found[1] ?? found[0]);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => reject(new Error(`${this.main} ended with ${code}: ${this.said}`)));
      // A test that is cut off leaves nothing behind.
      process.once('exit', () => child.kill('SIGKILL'));
    });
  }

  /** kill -9, or as Ctrl-C does. Its status; null when the signal itself ended it. */
  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<number | null> {
    const { child, hasEnded } = this;
    this.child = undefined;
    if (!child || hasEnded) return child?.exitCode ?? null;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
    return child.exitCode;
  }
}
