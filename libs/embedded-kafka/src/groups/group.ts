import type { Clock } from '../clock.js';
import { ErrorCode } from '../protocol/error-code.js';
import type { GroupRecord } from './group-record.js';
import { factsOf, type JoinAnswer, type JoinRequest, refusedJoin, type SyncAnswer } from './join.js';
import { noBytes } from './member-facts.js';
import { Member } from './member.js';
import { chooseProtocol, commonProtocols } from './protocol-choice.js';

export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable';

/** Clients that name no rebalance timeout send 0, and must still have the time for a request. */
const leastSyncMs = 1_000;

export interface GroupOptions {
  readonly clock: Clock;
  /** How long an empty group waits for more members before its first generation. */
  readonly initialDelayMs: number;
  /** A new member's id; `prefix` is the client's id or the instance's. */
  readonly newMemberId: (prefix: string) => string;
  /** Stores the group whenever a generation has become stable or the group empty. */
  readonly save: (group: Group) => void;
}

/**
 * A consumer group of the eager protocol: everyone joins, the leader divides, everyone syncs. All times come from the
 * clock, so the states can be tested without waiting. Follows GroupCoordinator/ClassicGroup of Apache Kafka.
 */
export class Group {
  #state: GroupState = 'Empty';
  #generationId = 0;
  #protocolType = '';
  #protocol = '';
  #leader = '';
  #emptySinceMs: number;
  readonly #members = new Map<string, Member>();
  /** Ids given out that have not joined yet. */
  readonly #expected = new Map<string, () => void>();
  #cancelRebalance: () => void = () => undefined;
  /** Until then, in monotonic time, an empty group that has begun to fill waits for more. */
  #gatheringUntilMs: number | null = null;

  constructor(
    readonly id: string,
    private readonly options: GroupOptions,
  ) {
    this.#emptySinceMs = options.clock.now();
  }

  get state(): GroupState {
    return this.#state;
  }
  get generationId(): number {
    return this.#generationId;
  }
  get protocolType(): string {
    return this.#protocolType;
  }
  get protocol(): string {
    return this.#protocol;
  }
  get leader(): string {
    return this.#leader;
  }
  get members(): readonly Member[] {
    return [...this.#members.values()];
  }

  /** Whether for so long nobody has been in it, and nobody is about to join. */
  isAbandonedSince(limitMs: number): boolean {
    return this.#state === 'Empty' && this.#expected.size === 0 && this.#emptySinceMs < limitMs;
  }

  /**
   * Whether everything is kept that was committed, however long ago: the group had members until `limitMs`, or nobody can
   * say what they read. Offsets of a group that never had members go by their own age.
   */
  keepsAllOffsets(limitMs: number): boolean {
    if (this.#state === 'Empty') return this.#protocolType !== '' && this.#emptySinceMs >= limitMs;
    return this.#state !== 'Stable' || this.#protocolType !== 'consumer';
  }

  /** Takes up a stored group: its members have one session timeout to be heard. */
  restore(record: GroupRecord): void {
    this.#generationId = record.generationId;
    this.#protocolType = record.protocolType;
    this.#protocol = record.protocol;
    this.#leader = record.leader;
    for (const { id, assignment, ...facts } of record.members) {
      const member = new Member(id, facts);
      member.assignment = assignment;
      this.#members.set(id, member);
      this.#keepAlive(member);
    }
    this.#state = this.#members.size > 0 ? 'Stable' : 'Empty';
    this.#emptySinceMs = record.savedMs;
  }

  record(nowMs: number): GroupRecord {
    return {
      generationId: this.#generationId,
      protocolType: this.#protocolType,
      protocol: this.#protocol,
      leader: this.#leader,
      members: this.members.map(({ id, facts, assignment }) => ({ ...facts, id, assignment })),
      savedMs: nowMs,
    };
  }

  /** Resolves when the generation is complete, or at once with an error. */
  join(request: JoinRequest): Promise<JoinAnswer> {
    return new Promise((answer) => {
      const refused = (errorCode: number, memberId = request.memberId) => answer(refusedJoin(errorCode, memberId));
      if (!this.#understands(request)) return refused(ErrorCode.inconsistentGroupProtocol);
      if (request.memberId === '') return this.#joinNew(request, answer);
      if (this.#expected.has(request.memberId)) {
        this.#forgetExpected(request.memberId);
        return this.#add(request.memberId, request, answer);
      }
      const problem = this.#problemOf(request.memberId, request.instanceId);
      if (problem !== ErrorCode.none) return refused(problem);
      const member = this.#members.get(request.memberId);
      if (member !== undefined) this.#rejoin(member, request, answer);
    });
  }

  /** Resolves with the member's part when the leader has divided. */
  sync(
    request: { memberId: string; instanceId: string | null; generationId: number },
    assignments: readonly { memberId: string; assignment: Buffer }[],
  ): Promise<SyncAnswer> {
    return new Promise((answer) => {
      const refused = (errorCode: number) => answer({ errorCode, assignment: noBytes });
      const problem = this.#problemOf(request.memberId, request.instanceId);
      const member = this.#members.get(request.memberId);
      if (problem !== ErrorCode.none || member === undefined) return refused(problem);
      if (request.generationId !== this.#generationId) return refused(ErrorCode.illegalGeneration);
      this.#keepAlive(member);
      if (this.#state === 'PreparingRebalance') return refused(ErrorCode.rebalanceInProgress);
      if (this.#state === 'Stable') return answer({ errorCode: ErrorCode.none, assignment: member.assignment });
      member.answerSync({ errorCode: ErrorCode.rebalanceInProgress, assignment: noBytes });
      member.awaitSync(answer);
      if (member.id === this.#leader) this.#becomeStable(assignments);
    });
  }

  heartbeat(memberId: string, instanceId: string | null, generationId: number): number {
    const problem = this.#problemOf(memberId, instanceId);
    const member = this.#members.get(memberId);
    if (problem !== ErrorCode.none || member === undefined) return problem;
    if (generationId !== this.#generationId) return ErrorCode.illegalGeneration;
    this.#keepAlive(member);
    return this.#state === 'PreparingRebalance' ? ErrorCode.rebalanceInProgress : ErrorCode.none;
  }

  leave(memberId: string, instanceId: string | null): number {
    if (this.#expected.has(memberId)) {
      this.#forgetExpected(memberId);
      return ErrorCode.none;
    }
    const id = memberId === '' && instanceId !== null ? (this.#ofInstance(instanceId)?.id ?? '') : memberId;
    const problem = this.#problemOf(id, instanceId);
    const member = this.#members.get(id);
    if (problem !== ErrorCode.none || member === undefined) return problem;
    this.#remove(member);
    return ErrorCode.none;
  }

  /** Whether offsets may be committed: by a member of this generation, or from outside when there are no members. */
  judgeCommit(memberId: string, generationId: number): number {
    if (generationId < 0 && this.#state === 'Empty') return ErrorCode.none;
    if (generationId < 0 && memberId === '') return ErrorCode.unknownMemberId;
    const member = this.#members.get(memberId);
    if (member === undefined) return ErrorCode.unknownMemberId;
    if (generationId !== this.#generationId) return ErrorCode.illegalGeneration;
    this.#keepAlive(member);
    return this.#state === 'CompletingRebalance' ? ErrorCode.rebalanceInProgress : ErrorCode.none;
  }

  /** Ends all timers and answers everyone who waits, because the broker stops. */
  close(): void {
    this.#cancelRebalance();
    for (const cancel of this.#expected.values()) cancel();
    for (const member of this.#members.values()) {
      member.endSession();
      member.dismiss(ErrorCode.coordinatorNotAvailable);
    }
  }

  #understands({ protocolType, protocols }: JoinRequest): boolean {
    if (protocolType === '' || protocols.length === 0) return false;
    if (this.#members.size === 0) return true;
    const spoken = this.members.map(({ facts }) => facts.protocols);
    return protocolType === this.#protocolType && commonProtocols([...spoken, protocols]).size > 0;
  }

  #problemOf(memberId: string, instanceId: string | null): number {
    if (instanceId !== null) {
      const holder = this.#ofInstance(instanceId);
      if (holder === undefined) return ErrorCode.unknownMemberId;
      return holder.id === memberId ? ErrorCode.none : ErrorCode.fencedInstanceId;
    }
    return this.#members.has(memberId) ? ErrorCode.none : ErrorCode.unknownMemberId;
  }

  #ofInstance(instanceId: string): Member | undefined {
    return this.members.find(({ facts }) => facts.instanceId === instanceId);
  }

  #joinNew(request: JoinRequest, answer: (answer: JoinAnswer) => void): void {
    const memberId = this.options.newMemberId(request.instanceId ?? request.clientId);
    const predecessor = request.instanceId === null ? undefined : this.#ofInstance(request.instanceId);
    if (predecessor !== undefined) return this.#replace(predecessor, memberId, request, answer);
    if (!request.mustKnowId || request.instanceId !== null) return this.#add(memberId, request, answer);
    const expired = () => this.#forgetExpected(memberId);
    this.#expected.set(memberId, this.options.clock.after(request.sessionTimeoutMs, expired));
    answer(refusedJoin(ErrorCode.memberIdRequired, memberId));
  }

  #add(memberId: string, request: JoinRequest, answer: (answer: JoinAnswer) => void): void {
    const member = new Member(memberId, factsOf(request));
    this.#protocolType = request.protocolType;
    this.#members.set(memberId, member);
    if (this.#leader === '') this.#leader = memberId;
    member.awaitJoin(answer);
    if (this.#gatheringUntilMs !== null) this.#gatherLonger();
    this.#rebalance();
  }

  /** A static member came back under a new id: it takes over place and assignment of the one before. */
  #replace(before: Member, memberId: string, request: JoinRequest, answer: (answer: JoinAnswer) => void): void {
    const isUnchanged = before.speaksTheSameAs(request.protocols);
    const leader = this.#leader;
    this.#members.delete(before.id);
    before.dismiss(ErrorCode.fencedInstanceId);
    before.endSession();
    const member = new Member(memberId, factsOf(request));
    member.assignment = before.assignment;
    this.#members.set(memberId, member);
    if (leader === before.id) this.#leader = memberId;
    if (this.#state === 'Stable' && isUnchanged) {
      this.#keepAlive(member);
      this.options.save(this);
      // The old leader's id is given, so that the new one does not divide again what nobody asked for.
      return answer({ ...this.#joined(member), leader, members: [] });
    }
    member.awaitJoin(answer);
    this.#rebalance();
  }

  #rejoin(member: Member, request: JoinRequest, answer: (answer: JoinAnswer) => void): void {
    const isUnchanged = member.speaksTheSameAs(request.protocols);
    member.facts = factsOf(request);
    const isRepetition =
      isUnchanged &&
      (this.#state === 'CompletingRebalance' || (this.#state === 'Stable' && member.id !== this.#leader));
    if (isRepetition) {
      this.#keepAlive(member);
      return answer(this.#joined(member));
    }
    member.answerJoin(refusedJoin(ErrorCode.rebalanceInProgress, member.id));
    member.awaitJoin(answer);
    this.#rebalance();
  }

  /** Begins a rebalance, or looks whether the one under way is complete. */
  #rebalance(): void {
    const before = this.#state;
    if (before === 'PreparingRebalance') return this.#completeWhenAllJoined();
    this.#cancelRebalance();
    for (const member of this.#members.values()) {
      member.assignment = noBytes;
      member.answerSync({ errorCode: ErrorCode.rebalanceInProgress, assignment: noBytes });
    }
    this.#state = 'PreparingRebalance';
    if (before === 'Empty') {
      this.#gatheringUntilMs = this.options.clock.monotonic() + this.#longestRebalanceMs();
      return this.#gatherLonger();
    }
    this.#cancelRebalance = this.options.clock.after(this.#longestRebalanceMs(), () => this.#completeJoin());
    this.#completeWhenAllJoined();
  }

  /** Every newcomer extends the first wait by the initial delay, up to the rebalance timeout. */
  #gatherLonger(): void {
    const leftMs = (this.#gatheringUntilMs ?? 0) - this.options.clock.monotonic();
    this.#cancelRebalance();
    const delayMs = Math.max(0, Math.min(this.options.initialDelayMs, leftMs));
    this.#cancelRebalance = this.options.clock.after(delayMs, () => this.#completeJoin());
  }

  #completeWhenAllJoined(): void {
    if (this.#gatheringUntilMs !== null || this.#expected.size > 0) return;
    if (this.members.every((member) => member.isJoining)) this.#completeJoin();
  }

  /** Everyone is there, or the time is up: who did not come is out, but for static members, whom their session ends. */
  #completeJoin(): void {
    this.#cancelRebalance();
    this.#gatheringUntilMs = null;
    for (const member of this.members) if (!member.isJoining && !member.isStatic) this.#drop(member);
    this.#generationId += 1;
    if (this.#members.size === 0) return this.#becomeEmpty();
    if (!this.#members.get(this.#leader)?.isJoining) {
      this.#leader = this.members.find((member) => member.isJoining)?.id ?? this.#leader;
    }
    this.#protocol = chooseProtocol(this.members.map(({ facts }) => facts.protocols));
    this.#state = 'CompletingRebalance';
    const syncMs = Math.max(this.#longestRebalanceMs(), leastSyncMs);
    this.#cancelRebalance = this.options.clock.after(syncMs, () => this.#expelUnsynced());
    for (const member of this.members) {
      if (!member.isJoining) continue;
      this.#keepAlive(member);
      member.answerJoin(this.#joined(member));
    }
  }

  #becomeStable(assignments: readonly { memberId: string; assignment: Buffer }[]): void {
    this.#cancelRebalance();
    const parts = new Map(assignments.map(({ memberId, assignment }) => [memberId, assignment]));
    this.#state = 'Stable';
    for (const member of this.members) {
      // A copy: the part is a view into the leader's whole request.
      member.assignment = Buffer.from(parts.get(member.id) ?? noBytes);
      if (member.isSyncing) this.#keepAlive(member);
      member.answerSync({ errorCode: ErrorCode.none, assignment: member.assignment });
    }
    this.options.save(this);
  }

  /** The leader, or others, took longer than the rebalance timeout to sync. */
  #expelUnsynced(): void {
    for (const member of this.members) if (!member.isSyncing) this.#drop(member);
    this.#afterLoss();
  }

  #remove(member: Member): void {
    this.#drop(member);
    this.#afterLoss();
  }

  #afterLoss(): void {
    if (this.#state !== 'PreparingRebalance' || this.#gatheringUntilMs === null) this.#rebalance();
  }

  #drop(member: Member): void {
    member.endSession();
    this.#members.delete(member.id);
    member.dismiss(ErrorCode.unknownMemberId);
    if (this.#leader === member.id) this.#leader = this.members[0]?.id ?? '';
  }

  #becomeEmpty(): void {
    this.#state = 'Empty';
    this.#emptySinceMs = this.options.clock.now();
    this.#protocol = '';
    this.#leader = '';
    this.options.save(this);
  }

  #joined(member: Member): JoinAnswer {
    const isLeader = member.id === this.#leader;
    return {
      errorCode: ErrorCode.none,
      generationId: this.#generationId,
      protocolName: this.#protocol,
      leader: this.#leader,
      memberId: member.id,
      members: isLeader ? this.members.map((one) => this.#introduction(one)) : [],
    };
  }

  #introduction(member: Member): JoinAnswer['members'][number] {
    const { instanceId: groupInstanceId } = member.facts;
    return { memberId: member.id, groupInstanceId, metadata: member.metadataFor(this.#protocol) };
  }

  #keepAlive(member: Member): void {
    member.heard(this.options.clock, () => {
      // Whoever waits for the broker cannot be heard meanwhile; the rebalance timeout bounds that.
      if (member.isJoining || member.isSyncing) this.#keepAlive(member);
      else this.#remove(member);
    });
  }

  #forgetExpected(memberId: string): void {
    this.#expected.get(memberId)?.();
    this.#expected.delete(memberId);
    if (this.#state === 'PreparingRebalance') this.#completeWhenAllJoined();
  }

  #longestRebalanceMs(): number {
    return Math.max(...this.members.map(({ facts }) => facts.rebalanceTimeoutMs), 0);
  }
}
