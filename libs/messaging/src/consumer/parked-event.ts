/** An event that a group could not handle, or that waits behind one, as it is stored in the service's database. */
export interface ParkedEvent {
  /** `group|topic|partition|offset|digest`, the last of the event's id: the same delivery is parked once. */
  _id: string;
  group: string;
  topic: string;
  partition: number;
  /** Place in the order of its line. */
  offset: number;
  /** Events of one group, topic and key wait in line; one without a key waits alone. */
  key: string;
  value: string | null;
  /** base64 where the value is not text. */
  encoding: 'utf8' | 'base64';
  headers: Record<string, string>;
  parkedAt: Date;
  /** Failed attempts since it was parked; below 0, so many of the four of before are left, and follow soon. */
  attempts: number;
  /** When it failed last; none on those that only wait behind another. */
  failedAt?: Date;
  /** Only on the first of its line: when it is tried next. */
  nextAt?: Date;
  /** Only while it is being tried: until then, by the clock of the database, nobody else tries it or takes it out. */
  tryingUntil?: Date;
  /** Why it was parked, or failed last; none on those that only wait behind another. */
  error?: ParkedError;
}

export interface ParkedError {
  name: string;
  message: string;
  /** The same for failures of the same kind at the same place. */
  fingerprint: string;
  stack?: string;
}

/** Which parked events are meant: all of it that is given must fit. */
export interface ParkedSelection {
  readonly id?: string | undefined;
  readonly group?: string | undefined;
  readonly fingerprint?: string | undefined;
  /** Of the event: `order.placed`. */
  readonly type?: string | undefined;
  readonly key?: string | undefined;
}

/** Lines of one group whose first events failed in the same way. */
export interface ParkedFailures {
  readonly group: string;
  /** Empty where the first event of a line has not been tried yet. */
  readonly fingerprint: string;
  readonly name: string;
  readonly message: string;
  readonly types: readonly string[];
  readonly lines: number;
  /** Those that failed and those that wait behind them. */
  readonly events: number;
  readonly firstParkedAt: Date;
  readonly lastParkedAt: Date;
  readonly nextAt: Date | null;
  /** One of the events that failed. */
  readonly sampleId: string;
}

/** The line that an event waits in. */
export interface ParkedLine {
  readonly group: string;
  readonly topic: string;
  readonly key: string;
}
