import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..');

/** A program of dist/ in a process of its own, so that a test can kill it as the machine would. */
export class AppProcess {
  private child: ChildProcess | undefined;

  constructor(
    private readonly main: string,
    private readonly variables: Record<string, string>,
  ) {}

  /** What stands in its output where the pattern's group is. */
  async start(pattern: RegExp): Promise<string> {
    const child = spawn(process.execPath, [join(ROOT, 'dist', this.main)], {
      cwd: ROOT,
      env: this.variables,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    let output = '';
    return new Promise((resolve, reject) => {
      const read = (data: Buffer): void => {
        output += data.toString();
        const found = pattern.exec(output);
        if (found) resolve(found[1] ?? found[0]);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => reject(new Error(`${this.main} ended with ${code}: ${output}`)));
      // A test that is cut off leaves nothing behind.
      process.once('exit', () => child.kill('SIGKILL'));
    });
  }

  /** kill -9, or as Ctrl-C does. */
  async stop(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
