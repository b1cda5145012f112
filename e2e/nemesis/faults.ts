import { setTimeout as pause } from 'node:timers/promises';
import type { CutFrom, Fault } from './schedule.js';
import type { Topics } from './topics.js';
import type { Reach } from './victim.js';
import type { World } from './world.js';

const PULSE_MS = { stopped: 180, running: 40 } as const;

/** Does faults to the system; each is over when this resolves, and the system whole again. */
export class Faults {
  private poisoned = 0;

  constructor(
    private readonly world: World,
    private readonly topics: Topics,
  ) {}

  async strike(fault: Fault): Promise<void> {
    switch (fault.kind) {
      case 'kill':
        return this.kill(fault.victims, fault.forMs);
      case 'freeze':
        return this.freeze(fault.victims, fault.forMs);
      case 'starve':
        for (let passed = 0; passed < fault.forMs; passed += PULSE_MS.stopped + PULSE_MS.running) {
          await this.freeze([fault.victim], PULSE_MS.stopped);
          await pause(PULSE_MS.running);
        }
        return undefined;
      case 'cut-off':
        return this.cutOff(fault.victim, fault.from, fault.forMs);
      case 'clock':
        return this.shift(fault.victim, fault.offsetMs, fault.forMs);
      case 'duplicates':
        return this.duplicate(fault.share, fault.count);
      case 'poison':
        return this.topics.poison(fault.topic, fault.type, `poison-${++this.poisoned}`);
    }
  }

  private async kill(names: readonly string[], forMs: number): Promise<void> {
    const victims = names.map((name) => this.world.victim(name));
    await Promise.all(victims.map((victim) => victim.kill()));
    await pause(forMs);
    for (const victim of victims) await victim.start();
    await Promise.all(victims.map((victim) => victim.ready()));
  }

  private async freeze(names: readonly string[], forMs: number): Promise<void> {
    const victims = names.map((name) => this.world.victim(name));
    for (const victim of victims) victim.freeze();
    try {
      await pause(forMs);
    } finally {
      for (const victim of victims) victim.thaw();
    }
  }

  private async cutOff(name: string, from: CutFrom, forMs: number): Promise<void> {
    const victim = this.world.service(name);
    victim.cutOff(this.reach(from));
    await pause(forMs);
    victim.mend();
  }

  private reach(from: CutFrom): Reach {
    const { kafkaBrokers, mongodbUri } = this.world.servers;
    if (from === 'everything') return from;
    return Number(from === 'broker' ? kafkaBrokers[0]?.split(':').at(-1) : new URL(mongodbUri).port);
  }

  private async shift(name: string, offsetMs: number, forMs: number): Promise<void> {
    const victim = this.world.service(name);
    victim.shiftClock(offsetMs);
    await pause(forMs);
    victim.shiftClock(0);
  }

  /** Messages in a row, from anywhere in what was read so far. */
  private duplicate(share: number, count: number): Promise<void> {
    const { seen } = this.topics;
    const from = Math.floor(share * Math.max(0, seen.length - count));
    return this.topics.repeat(seen.slice(from, from + count));
  }
}

export function describeFault(fault: Fault): string {
  switch (fault.kind) {
    case 'kill':
      return `kill -9 ${fault.victims.join(' and ')}, back after ${fault.forMs} ms`;
    case 'freeze':
      return `freeze ${fault.victims.join(' and ')} for ${fault.forMs} ms`;
    case 'starve':
      return `starve ${fault.victim} for ${fault.forMs} ms`;
    case 'cut-off':
      return `cut ${fault.victim} off from ${fault.from} for ${fault.forMs} ms`;
    case 'clock':
      return `clock of ${fault.victim} off by ${fault.offsetMs} ms for ${fault.forMs} ms`;
    case 'duplicates':
      return `deliver ${fault.count} messages again`;
    case 'poison':
      return `poison ${fault.topic} (${fault.type})`;
  }
}
