import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import type { Reach, ServiceVictim } from './victim.js';

const LAST_LINES = 40;
const READY_WITHIN_MS = 120_000;
const PRELOAD = pathToFileURL(join(import.meta.dirname, 'preload.mjs')).href;

export interface Launch {
  readonly name: string;
  /** Absolute, and what follows it. */
  readonly command: readonly [script: string, ...args: string[]];
  readonly env: Readonly<Record<string, string>>;
  /** @throws while it does not answer. */
  readonly probe: () => Promise<void>;
  /** Loaded before it: files that change what it does. */
  readonly preloads?: readonly string[];
  /** Where all that it says is kept. */
  readonly logs?: string | undefined;
}

/** One process that the run starts itself. */
export class Member implements ServiceVictim {
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
    const { command, env, name, logs, preloads = [] } = this.launch;
    const imports = [PRELOAD, ...preloads.map((file) => pathToFileURL(file).href)];
    const child = spawn(process.execPath, command, {
      env: { ...env, NODE_OPTIONS: imports.map((url) => `--import ${url}`).join(' ') },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.lines.push(...text.trimEnd().split('\n'));
        this.lines.splice(0, this.lines.length - LAST_LINES);
      });
      if (logs !== undefined) stream?.pipe(createWriteStream(join(logs, `${name}.log`), { flags: 'a' }));
    }
    // A message to a process that has just died is no news.
    child.on('error', () => undefined);
    this.child = child;
  }

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

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || this.hasEnded) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  shiftClock(clockOffsetMs: number): void {
    this.tell({ clockOffsetMs });
  }

  cutOff(from: Reach): void {
    this.tell({ cutOffFrom: from });
  }

  mend(): void {
    this.tell({ cutOffFrom: 'nothing' });
  }

  /** See preload.mjs. */
  private tell(message: object): void {
    if (this.child?.connected) this.child.send(message);
  }

  private get hasEnded(): boolean {
    return !this.child || this.child.exitCode !== null || this.child.signalCode !== null;
  }
}
