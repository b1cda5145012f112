import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Victim } from './victim.js';

const run = promisify(execFile);

/** Where the scripts `start` and `stop` are that run real servers, and what they are told by the environment. */
export interface RealSettings {
  readonly scripts: string;
  /** Where they keep the numbers of their processes. */
  readonly folder: string;
  readonly env: Record<string, string>;
}

const SERVERS = {
  broker: { script: 'kafka', process: 'kafka' },
  database: { script: 'mongodb', process: 'ferretdb' },
} as const;

/** Apache Kafka, or FerretDB over PostgreSQL. */
export class RealServer implements Victim {
  /** `host:port` after the first start. */
  address = '';

  constructor(
    readonly name: keyof typeof SERVERS,
    private readonly settings: RealSettings,
  ) {}

  /** Waits until it answers, too. */
  async start(): Promise<void> {
    const { stdout } = await this.script('start', SERVERS[this.name].script);
    const [, address] = /=(?:mongodb:\/\/)?([^/\n]+)/.exec(stdout) ?? [];
    if (address === undefined) throw new Error(`${this.name} does not say where it is: ${stdout}`);
    this.address = address;
  }

  ready(): Promise<void> {
    return Promise.resolve();
  }

  async kill(): Promise<void> {
    await this.script('stop', '--kill', SERVERS[this.name].script);
  }

  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  thaw(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  private script(name: string, ...args: string[]): Promise<{ stdout: string }> {
    const { scripts, env } = this.settings;
    return run(join(scripts, name), args, { env });
  }

  private get pid(): number {
    return Number(readFileSync(join(this.settings.folder, `${SERVERS[this.name].process}.pid`), 'utf8'));
  }
}
