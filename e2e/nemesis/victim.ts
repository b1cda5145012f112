/** A process of the system under test, and how it is hurt. */
export interface Victim {
  readonly name: string;
  /** Starts it, for the first time or after it was killed. */
  start(): void | Promise<void>;
  /** Waits until it answers. @throws when it ends instead. */
  ready(): Promise<void>;
  /** As a power cut ends it. */
  kill(): Promise<void>;
  /** Stops the process where it is, as a starved machine or a long pause of its collector does. */
  freeze(): void;
  thaw(): void;
}

/** Nothing is reached any more, in either direction; or only what listens at this port of loopback. */
export type Reach = 'everything' | number;

/** One of Grapevine's own, which also has a clock and connections to be hurt. */
export interface ServiceVictim extends Victim {
  /** Its clock is off by so much from now on. */
  shiftClock(clockOffsetMs: number): void;
  /** Connections break, and are refused until it is mended. */
  cutOff(from: Reach): void;
  mend(): void;
}
