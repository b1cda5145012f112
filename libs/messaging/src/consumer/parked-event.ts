/** An event that a group could not handle, or that waits behind one, as it is stored in the service's database. */
export interface ParkedEvent {
  /** `group|topic|partition|offset`: the same delivery is parked once. */
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
  /** Failed attempts since it was parked. */
  attempts: number;
  /** Only on the first of its line: when it is tried next. */
  nextAt?: Date;
  /** Why it was parked, or failed last; none on those that only wait behind another. */
  error?: ParkedError;
}

export interface ParkedError {
  name: string;
  message: string;
  /** The same for failures of the same kind at the same place. */
  fingerprint: string;
}

/** The line that an event waits in. */
export interface ParkedLine {
  readonly group: string;
  readonly topic: string;
  readonly key: string;
}
