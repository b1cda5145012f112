/** The wanted port is in use; the caller may try the next one. */
export class PortTakenError extends Error {
  readonly code = 'EMBEDDED_KAFKA.PORT_TAKEN';
  override readonly name = 'PortTakenError';
  constructor(readonly port: number) {
    super(`port ${port} is in use; choose another, or 0 for a free one`);
  }
}

/** The broker has neither authentication nor encryption, so it listens on loopback only. */
export class HostNotLoopbackError extends Error {
  readonly code = 'EMBEDDED_KAFKA.HOST_NOT_LOOPBACK';
  override readonly name = 'HostNotLoopbackError';
  constructor(readonly host: string) {
    super(`the embedded broker is not for production and listens on loopback only, not on ${host}`);
  }
}

/** The data folder was written by another version of the format, or is not one of this broker's. */
export class DataVersionError extends Error {
  readonly code = 'EMBEDDED_KAFKA.DATA_VERSION';
  override readonly name = 'DataVersionError';
  constructor(
    readonly dataDir: string,
    readonly found: string,
    readonly expected: string,
  ) {
    super(`${dataDir} holds data of format ${found}; this version reads format ${expected} only`);
  }
}

/** Another running broker uses the data folder. */
export class DataLockedError extends Error {
  readonly code = 'EMBEDDED_KAFKA.DATA_LOCKED';
  override readonly name = 'DataLockedError';
  constructor(
    readonly dataDir: string,
    readonly ownerPid: number,
  ) {
    super(`${dataDir} is in use by process ${ownerPid}; stop it or choose another data folder`);
  }
}

/** The worker thread runs compiled code, which is not there yet. */
export class NotBuiltError extends Error {
  readonly code = 'EMBEDDED_KAFKA.NOT_BUILT';
  override readonly name = 'NotBuiltError';
  constructor(readonly path: string) {
    super(`${path} is missing: run "npm run build" first`);
  }
}

/** A write could not be made durable: the disk is full or failed. Clients get KAFKA_STORAGE_ERROR (56). */
export class StorageError extends Error {
  readonly code = 'EMBEDDED_KAFKA.STORAGE';
  override readonly name = 'StorageError';
}

/** The broker ended or could not start for a reason that has no type of its own. */
export class BrokerFailedError extends Error {
  readonly code = 'EMBEDDED_KAFKA.FAILED';
  override readonly name = 'BrokerFailedError';
}
