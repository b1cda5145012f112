/** Code `EMBEDDED_MONGO.PORT_TAKEN`: another program listens there; the caller may try the next port. */
export class PortTakenError extends Error {
  readonly code = 'EMBEDDED_MONGO.PORT_TAKEN';
  constructor(readonly port: number) {
    super(`Port ${port} is taken.`);
    this.name = 'PortTakenError';
  }
}

/** Code `EMBEDDED_MONGO.NOT_LOOPBACK`: the embedded server has no users and no TLS, so it never leaves the machine. */
export class NotLoopbackError extends Error {
  readonly code = 'EMBEDDED_MONGO.NOT_LOOPBACK';
  constructor(readonly host: string) {
    super(`The embedded database only listens on a loopback address, not on ${host}.`);
    this.name = 'NotLoopbackError';
  }
}

/** Code `EMBEDDED_MONGO.DATA_IN_USE`: a living process has this folder open. */
export class DataInUseError extends Error {
  readonly code = 'EMBEDDED_MONGO.DATA_IN_USE';
  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(`${dataDir} is in use by process ${pid}. Stop it, or delete ${dataDir}/server.pid if it is no such server.`);
    this.name = 'DataInUseError';
  }
}

/** Code `EMBEDDED_MONGO.DATA_FORMAT`: the folder was written by a version with another layout; it is left untouched. */
export class DataFormatError extends Error {
  readonly code = 'EMBEDDED_MONGO.DATA_FORMAT';
  constructor(dataDir: string, found: unknown, expected: number) {
    super(`${dataDir} has data format ${String(found)}, this version reads format ${expected}. Use another folder.`);
    this.name = 'DataFormatError';
  }
}

/** Code `EMBEDDED_MONGO.NOT_BUILT`: the worker runs compiled code, which is not there yet. */
export class NotBuiltError extends Error {
  readonly code = 'EMBEDDED_MONGO.NOT_BUILT';
  constructor(path: string) {
    super(`${path} is missing: run "npm run build" first.`);
    this.name = 'NotBuiltError';
  }
}
