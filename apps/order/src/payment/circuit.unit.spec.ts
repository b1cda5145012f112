import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { begin, CIRCUIT_POLICY, closedCircuit, end, room, type CallEnd, type Circuit } from './circuit.js';

const policy = { ...CIRCUIT_POLICY, maxCalls: 12, window: 6, trialCalls: 4 };

/** The circuit with the calls that are under way, and what became of them. */
class Line {
  circuit: Circuit = closedCircuit;
  nowMs = 0;
  readonly underWay: number[] = [];

  begin(): boolean {
    const begun = begin(this.circuit, this.nowMs, policy);
    if (begun === undefined) return false;
    this.circuit = begun;
    this.underWay.push(begun.era);
    return true;
  }

  /** The oldest call ends. */
  end(how: CallEnd, spread = 1): void {
    const era = this.underWay.shift();
    if (era !== undefined) this.circuit = end(this.circuit, { era, end: how }, this.nowMs, policy, spread);
  }

  calls(how: CallEnd, times: number): void {
    for (let call = 0; call < times && this.begin(); call++) this.end(how);
  }

  get room(): number {
    return room(this.circuit, this.nowMs, policy);
  }
}
const opened = (): Line => {
  const line = new Line();
  line.calls('unanswered', 3);
  return line;
};

describe('the circuit to a provider', () => {
  test('has so many places, and no more', () => {
    const line = new Line();
    while (line.begin());
    expect(line.underWay).toHaveLength(policy.maxCalls);
    line.end('answered');
    expect(line.room).toBe(1);
  });

  test('stays closed while fewer than half of the calls go unanswered', () => {
    const line = new Line();
    for (let round = 0; round < 50; round++) {
      line.calls('unanswered', 1);
      line.calls('answered', 2);
    }
    expect(line.circuit.state).toBe('CLOSED');
  });

  test('opens when half of them do, and is tried by one call after a pause, twice as long each time', () => {
    const line = opened();
    expect(line.circuit.state).toBe('OPEN');
    for (const pauseMs of [500, 1_000, 2_000, 4_000, 5_000, 5_000]) {
      line.nowMs += pauseMs - 1;
      expect(line.room).toBe(0);
      line.nowMs += 1;
      expect(line.room).toBe(1);
      expect(line.begin()).toBe(true);
      expect(line.room).toBe(0);
      line.end('unanswered');
    }
  });

  test('lets one call more through for each answer, and soon all of them', () => {
    const line = opened();
    line.nowMs += policy.maxPauseMs;
    for (const places of [1, 2, 3, 4]) {
      expect(line.room).toBe(places);
      line.calls('answered', 1);
    }
    expect(line.room).toBe(policy.maxCalls);
    expect(line.circuit).toMatchObject({ state: 'CLOSED', openings: 0 });
  });

  test('halves the trials when one goes unanswered, and pauses again when the only one does', () => {
    const line = opened();
    line.nowMs += policy.maxPauseMs;
    line.calls('answered', 3);
    line.calls('unanswered', 1);
    expect(line.room).toBe(2);
    line.calls('unanswered', 1);
    expect(line.room).toBe(1);
    line.calls('unanswered', 1);
    expect(line.room).toBe(0);
  });

  test('takes no news from calls of before it opened, whose places are theirs until they end', () => {
    const line = new Line();
    while (line.begin());
    for (let call = 0; call < 3; call++) line.end('unanswered');
    expect(line.circuit.state).toBe('OPEN');
    const { openUntil } = line.circuit;
    while (line.underWay.length > 1) line.end(line.underWay.length % 2 === 0 ? 'unanswered' : 'answered');
    expect(line.circuit).toMatchObject({ state: 'OPEN', openUntil, openings: 1, underWay: 1 });
  });

  test('gives the place of a call back that was not made', () => {
    const line = opened();
    line.nowMs += policy.maxPauseMs;
    line.calls('not-made', 5);
    expect(line.room).toBe(1);
  });

  const act = fc.oneof(
    fc.constant((line: Line) => void line.begin()),
    fc
      .tuple(
        fc.constantFrom<CallEnd>('answered', 'unanswered', 'unanswered', 'not-made'),
        fc.double({ min: 0, max: 1, noNaN: true }),
      )
      .map(
        ([how, spread]) =>
          (line: Line) =>
            line.end(how, spread),
      ),
    fc.constantFrom(1, 300, 5_000).map((ms) => (line: Line) => {
      line.nowMs += ms;
    }),
  );

  test('whatever happens, keeps to its places, tells the truth of its room, and closes when the provider is back', () => {
    fc.assert(
      fc.property(fc.array(act, { maxLength: 200 }), (acts) => {
        const line = new Line();
        for (const step of acts) {
          step(line);
          expect(line.circuit.underWay).toBe(line.underWay.length);
          expect(line.underWay.length).toBeLessThanOrEqual(policy.maxCalls);
          expect(begin(line.circuit, line.nowMs, policy) !== undefined).toBe(line.room > 0);
          if (line.circuit.state !== 'CLOSED') expect(line.room).toBeLessThanOrEqual(policy.trialCalls);
        }
        while (line.underWay.length > 0) line.end('answered');
        line.nowMs += policy.maxPauseMs;
        line.calls('answered', policy.window);
        expect(line.circuit.state).toBe('CLOSED');
        expect(line.room).toBe(policy.maxCalls);
      }),
    );
  });
});
