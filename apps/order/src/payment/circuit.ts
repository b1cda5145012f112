/** How a call ended: the provider was heard, or not; or there was nothing to call for in the end. */
export type CallEnd = 'answered' | 'unanswered' | 'not-made';

export interface CircuitPolicy {
  /** Calls under way at once (bulkhead). A provider that does not answer holds each for as long as it may take. */
  readonly maxCalls: number;
  /** Half of this many calls unanswered open the circuit; a buyer's bank that is silent now and then does not. */
  readonly window: number;
  /** After opening, nothing is asked for that long; after each opening that follows, twice as long. */
  readonly firstPauseMs: number;
  readonly maxPauseMs: number;
  /** A provider that is heard again gets one call more for each answer, and all of them from here on. */
  readonly trialCalls: number;
}

export const CIRCUIT_POLICY: CircuitPolicy = {
  maxCalls: 64,
  window: 20,
  firstPauseMs: 500,
  maxPauseMs: 5_000,
  trialCalls: 8,
};

/**
 * Circuit breaker with a bulkhead and a slow start. Calls of before the last opening, those of another `era`, are old
 * news when they end, but hold their places until then.
 */
export interface Circuit {
  readonly state: 'CLOSED' | 'OPEN' | 'HALF_OPEN';
  readonly era: number;
  readonly underWay: number;
  readonly underWayInEra: number;
  /** While CLOSED: whether the last calls went unanswered, the newest last. */
  readonly misses: readonly boolean[];
  /** While HALF_OPEN. */
  readonly trialLimit: number;
  /** Openings since it was closed last. */
  readonly openings: number;
  /** While OPEN: in milliseconds of the clock. */
  readonly openUntil: number;
}

export const closedCircuit: Circuit = {
  state: 'CLOSED',
  era: 0,
  underWay: 0,
  underWayInEra: 0,
  misses: [],
  trialLimit: 1,
  openings: 0,
  openUntil: 0,
};

/** How many calls may begin now. */
export function room(circuit: Circuit, atMs: number, { maxCalls }: CircuitPolicy): number {
  const free = Math.max(0, maxCalls - circuit.underWay);
  switch (circuit.state) {
    case 'CLOSED':
      return free;
    case 'OPEN':
      return atMs < circuit.openUntil ? 0 : Math.min(free, 1);
    case 'HALF_OPEN':
      return Math.min(free, Math.max(0, circuit.trialLimit - circuit.underWayInEra));
  }
}

/** With one call more under way, whose end is told with the era of now; undefined when there is no room. */
export function begin(circuit: Circuit, atMs: number, policy: CircuitPolicy): Circuit | undefined {
  if (room(circuit, atMs, policy) === 0) return undefined;
  const tried: Circuit = circuit.state === 'OPEN' ? { ...circuit, state: 'HALF_OPEN', trialLimit: 1 } : circuit;
  return { ...tried, underWay: tried.underWay + 1, underWayInEra: tried.underWayInEra + 1 };
}

/** `spread`, from 0 to 1, keeps instances from trying at the same moment. */
export function end(
  circuit: Circuit,
  call: { readonly era: number; readonly end: CallEnd },
  atMs: number,
  policy: CircuitPolicy,
  spread: number,
): Circuit {
  const left = { ...circuit, underWay: circuit.underWay - 1 };
  if (call.era !== circuit.era) return left;
  const ended: Circuit = { ...left, underWayInEra: circuit.underWayInEra - 1 };
  if (call.end === 'not-made') return ended;
  const isMiss = call.end === 'unanswered';
  if (ended.state === 'CLOSED') return counted(ended, isMiss, atMs, policy, spread);
  return isMiss ? slower(ended, atMs, policy, spread) : faster(ended, policy);
}

function counted(circuit: Circuit, isMiss: boolean, atMs: number, policy: CircuitPolicy, spread: number): Circuit {
  const misses = [...circuit.misses, isMiss].slice(-policy.window);
  const count = misses.filter(Boolean).length;
  return count * 2 >= policy.window ? opened(circuit, atMs, policy, spread) : { ...circuit, misses };
}

function faster(circuit: Circuit, { trialCalls }: CircuitPolicy): Circuit {
  const trialLimit = circuit.trialLimit + 1;
  return trialLimit > trialCalls
    ? { ...circuit, state: 'CLOSED', misses: [], openings: 0 }
    : { ...circuit, trialLimit };
}

const slower = (circuit: Circuit, atMs: number, policy: CircuitPolicy, spread: number): Circuit =>
  circuit.trialLimit === 1
    ? opened(circuit, atMs, policy, spread)
    : { ...circuit, trialLimit: Math.floor(circuit.trialLimit / 2) };

function opened(circuit: Circuit, atMs: number, policy: CircuitPolicy, spread: number): Circuit {
  const longestMs = Math.min(policy.maxPauseMs, policy.firstPauseMs * 2 ** Math.min(circuit.openings, 20));
  return {
    ...circuit,
    state: 'OPEN',
    era: circuit.era + 1,
    underWayInEra: 0,
    misses: [],
    openings: circuit.openings + 1,
    openUntil: atMs + Math.ceil((longestMs * (1 + spread)) / 2),
  };
}
