import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const LAST_LINES = 40;
const READY_WITHIN_MS = 120_000;
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'preload.mjs')).href;

interface Launch {
  readonly name: string;
  /** Absolute, and what follows it. */
  readonly command: readonly [script: string, ...args: string[]];
  readonly env: Readonly<Record<string, string>>;
  /** @throws while it does not answer. */
  readonly probe: () => Promise<void>;
}

/** One process of the system under test, which can be hurt. */
export class Member {
  private child: ChildProcess | undefined;
  private readonly lines: string[] = [];

  constructor(private readonly launch: Launch) {}

  get name(): string {
    return this.launch.name;
  }

  /** What it said last, all its lives together. */
  get output(): string {
    return this.lines.join('\n');
  }

  start(): void {
    const { command, env } = this.launch;
    const child = spawn(process.execPath, command, {
      env: { ...env, NODE_OPTIONS: `--import ${PRELOAD}` },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.lines.push(...text.trimEnd().split('\n'));
        this.lines.splice(0, this.lines.length - LAST_LINES);
      });
    }
    // A message to a process that has just died is no news.
    child.on('error', () => undefined);
    this.child = child;
  }

  /** Waits until it answers. @throws when it ends instead. */
  async ready(): Promise<void> {
    const until = Date.now() + READY_WITHIN_MS;
    for (;;) {
      if (this.hasEnded) throw new Error(`${this.name} ended: ${this.output}`);
      const failure = await this.launch.probe().then(
        () => undefined,
        (error: unknown) => error,
      );
      if (failure === undefined) return;
      if (Date.now() > until) throw new Error(`${this.name} is not ready: ${this.output}`, { cause: failure });
      await pause(100);
    }
  }

  /** As a power cut ends it. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Stops the process where it is, as a starved machine or a long pause of its collector does. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  /** Its clock is off by so much from now on. */
  shiftClock(clockOffsetMs: number): void {
    if (this.child?.connected) this.child.send({ clockOffsetMs });
  }

  private get hasEnded(): boolean {
    return !this.child || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || this.hasEnded) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}
