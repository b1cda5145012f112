import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from './schedule.js';
import type { Topics } from './topics.js';
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
        return this.kill(fault.member, fault.forMs);
      case 'freeze':
        return this.freeze(fault.member, fault.forMs);
      case 'starve':
        for (let passed = 0; passed < fault.forMs; passed += PULSE_MS.stopped + PULSE_MS.running) {
          await this.freeze(fault.member, PULSE_MS.stopped);
          await pause(PULSE_MS.running);
        }
        return undefined;
      case 'clock':
        return this.shift(fault.member, fault.offsetMs, fault.forMs);
      case 'duplicates':
        return this.duplicate(fault.share, fault.count);
      case 'poison':
        return this.topics.poison(fault.topic, fault.type, `poison-${++this.poisoned}`);
    }
  }

  private async kill(name: string, forMs: number): Promise<void> {
    const member = this.world.member(name);
    await member.kill();
    await pause(forMs);
    member.start();
    await member.ready();
  }

  private async freeze(name: string, forMs: number): Promise<void> {
    const member = this.world.member(name);
    member.freeze();
    try {
      await pause(forMs);
    } finally {
      member.thaw();
    }
  }

  private async shift(name: string, offsetMs: number, forMs: number): Promise<void> {
    const member = this.world.member(name);
    member.shiftClock(offsetMs);
    await pause(forMs);
    member.shiftClock(0);
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
      return `kill -9 ${fault.member}, back after ${fault.forMs} ms`;
    case 'freeze':
    case 'starve':
      return `${fault.kind} ${fault.member} for ${fault.forMs} ms`;
    case 'clock':
      return `clock of ${fault.member} off by ${fault.offsetMs} ms for ${fault.forMs} ms`;
    case 'duplicates':
      return `deliver ${fault.count} messages again`;
    case 'poison':
      return `poison ${fault.topic} (${fault.type})`;
  }
}
