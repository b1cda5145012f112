import { Inject, Injectable } from '@nestjs/common';
import { LOGGER, type Logger } from '#service-kit';
import { begin, closedCircuit, end, room, type CallEnd, type Circuit, type CircuitPolicy } from './circuit.js';
import { providerMetrics } from './provider-metrics.js';

/** How many calls to the provider may be under way, as configured, for injection. */
export class CircuitLimits {
  constructor(readonly policy: CircuitPolicy) {}
}

/** A place among the calls under way, which may be taken or not. */
export interface Place {
  /** False when none is free. Taken once however often it is asked for. */
  take(): boolean;
  /** Gives it back, if it was taken. */
  leave(how: CallEnd): void;
}

/**
 * The places for calls to the payment provider of this process: few enough that a provider short of time can do them,
 * and almost none while it does not answer. Whoever finds none leaves the call written down as due, for the sweeper.
 */
@Injectable()
export class ProviderCalls {
  /** By the monotonic clock: a clock that is set back must not keep it open. */
  private circuit: Circuit = closedCircuit;
  private readonly metrics = providerMetrics();

  constructor(
    private readonly limits: CircuitLimits,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** How many calls may begin now. */
  get room(): number {
    return room(this.circuit, performance.now(), this.limits.policy);
  }

  /** For one call. */
  place(): Place {
    let era: number | undefined;
    return {
      take: () => {
        era ??= this.begin();
        return era !== undefined;
      },
      leave: (how) => {
        if (era !== undefined) this.end(era, how);
        era = undefined;
      },
    };
  }

  /** For how long the call that waits longest has been due. */
  waits(ms: number): void {
    this.metrics.wait.set(ms / 1000);
  }

  private begin(): number | undefined {
    const begun = begin(this.circuit, performance.now(), this.limits.policy);
    if (begun === undefined) return undefined;
    this.circuit = begun;
    this.metrics.underWay.set(begun.underWay);
    return begun.era;
  }

  private end(era: number, how: CallEnd): void {
    const before = this.circuit;
    this.circuit = end(before, { era, end: how }, performance.now(), this.limits.policy, Math.random());
    if (how !== 'not-made') this.metrics.calls.inc({ outcome: how });
    this.metrics.underWay.set(this.circuit.underWay);
    this.metrics.circuitOpen.set(this.circuit.state === 'CLOSED' ? 0 : 1);
    if (before.state === 'CLOSED' && this.circuit.state === 'OPEN')
      this.logger.warn('the payment provider does not answer: it is tried now and then, and orders wait');
    if (before.state !== 'CLOSED' && this.circuit.state === 'CLOSED')
      this.logger.info('the payment provider answers again');
  }
}
