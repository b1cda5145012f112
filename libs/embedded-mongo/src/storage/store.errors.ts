/** Another living process has the data folder open. */
export class DataLockedError extends Error {
  constructor(readonly pid: number) {
    super(`The data folder is in use by process ${pid}.`);
    this.name = 'DataLockedError';
  }
}

/** The data folder was written by a version with another layout. */
export class UnknownFormatError extends Error {
  constructor(
    readonly found: unknown,
    readonly expected: number,
  ) {
    super(`Data format ${String(found)}, expected ${expected}.`);
    this.name = 'UnknownFormatError';
  }
}
