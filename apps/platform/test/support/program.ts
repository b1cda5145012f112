import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from '#testing';
import { inherited } from './config.js';

const ENTRIES = join(import.meta.dirname, '../../../../dist/apps/platform/src');
const WITHIN_MS = 150_000;

/** One of the platform's entries, built, in a process of its own. */
export class Program {
  stdout = '';
  stderr = '';
  private readonly ended: Promise<unknown>;

  private constructor(private readonly child: ChildProcess) {
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (this.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (this.stderr += text));
    // 'close' comes after the last output, unlike 'exit'.
    this.ended = once(child, 'close');
  }

  /** Starts `NAME.main.js`; `main.js` when there is no name. */
  static run(name: string, env: Readonly<Record<string, string>>, ...args: string[]): Program {
    const file = join(ENTRIES, name === '' ? 'main.js' : `${name}.main.js`);
    const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
    return new Program(spawn(process.execPath, [file, ...args], { env: { ...inherited(), ...env }, stdio }));
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  /** Waits until one of its outputs has the text. @throws with its output when it ends or takes too long. */
  async says(text: string): Promise<void> {
    await eventually(
      () => {
        if ((this.stdout + this.stderr).includes(text)) return;
        throw new Error(`it did not say "${text}": ${this.stdout}${this.stderr}`);
      },
      { timeoutMs: this.hasEnded ? 0 : WITHIN_MS },
    );
  }

  /** Its status, once it has ended. */
  async status(): Promise<number | null> {
    await this.ended;
    return this.child.exitCode;
  }

  /** Nobody reads what it says any more, as when a terminal's pipe is gone. */
  hangUp(): void {
    this.child.stdout?.destroy();
    this.child.stderr?.destroy();
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    this.child.kill(signal);
    return this.status();
  }

  get hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
