import type { Clock } from '../clock.js';
import { type JoinAnswer, refusedJoin, type SyncAnswer } from './join.js';
import { type GroupProtocol, type MemberFacts, noBytes } from './member-facts.js';

/** One member of a group, with the answers that it waits for. */
export class Member {
  facts: MemberFacts;
  assignment: Buffer = noBytes;
  #join: ((answer: JoinAnswer) => void) | null = null;
  #sync: ((answer: SyncAnswer) => void) | null = null;
  #cancelSession: () => void = () => undefined;

  constructor(
    public id: string,
    facts: MemberFacts,
  ) {
    this.facts = facts;
  }

  get isStatic(): boolean {
    return this.facts.instanceId !== null;
  }
  get isJoining(): boolean {
    return this.#join !== null;
  }
  get isSyncing(): boolean {
    return this.#sync !== null;
  }

  awaitJoin(answer: (answer: JoinAnswer) => void): void {
    this.#join = answer;
  }

  awaitSync(answer: (answer: SyncAnswer) => void): void {
    this.#sync = answer;
  }

  answerJoin(answer: JoinAnswer): void {
    const waiting = this.#join;
    this.#join = null;
    waiting?.(answer);
  }

  answerSync(answer: SyncAnswer): void {
    const waiting = this.#sync;
    this.#sync = null;
    waiting?.(answer);
  }

  /** Answers whatever the member waits for with an error. */
  dismiss(errorCode: number): void {
    this.answerJoin(refusedJoin(errorCode, this.id));
    this.answerSync({ errorCode, assignment: noBytes });
  }

  metadataFor(protocol: string): Buffer {
    return this.facts.protocols.find(({ name }) => name === protocol)?.metadata ?? noBytes;
  }

  speaksTheSameAs(protocols: readonly GroupProtocol[]): boolean {
    const own = this.facts.protocols;
    return (
      own.length === protocols.length &&
      own.every(({ name, metadata }, index) => {
        const other = protocols[index];
        return other !== undefined && other.name === name && metadata.equals(other.metadata);
      })
    );
  }

  /** Begins the session anew; `expired` is called when nothing is heard for its timeout. */
  heard(clock: Clock, expired: () => void): void {
    this.#cancelSession();
    this.#cancelSession = clock.after(this.facts.sessionTimeoutMs, expired);
  }

  endSession(): void {
    this.#cancelSession();
  }
}
