import { arch, cpus, hostname, platform, release, totalmem } from 'node:os';
import type { Document } from '../bson/document.js';
import { failedToParse, MongoError } from '../errors.js';
import { MAX_STATEMENTS } from './reply.js';
import type { Command } from './command.js';

/** The MongoDB version whose behaviour is followed. */
export const VERSION = '7.0.0';
const MAX_WIRE_VERSION = 21;

/** A standalone server with sessions; no `topologyVersion`, so drivers poll and do not wait for changes. */
export function hello({ name, server, connectionId }: Command): Document {
  return {
    helloOk: true,
    ...(name === 'hello' ? { isWritablePrimary: true } : { ismaster: true, isWritablePrimary: true }),
    maxBsonObjectSize: 16 * 2 ** 20,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: MAX_STATEMENTS,
    localTime: server.now(),
    logicalSessionTimeoutMinutes: 30,
    connectionId,
    minWireVersion: 0,
    maxWireVersion: MAX_WIRE_VERSION,
    readOnly: false,
    ok: 1,
  };
}

export function ping(): Document {
  return { ok: 1 };
}

export function buildInfo(): Document {
  return {
    version: VERSION,
    gitVersion: 'embedded',
    modules: [],
    allocator: 'system',
    javascriptEngine: 'none',
    sysInfo: 'deprecated',
    versionArray: [...VERSION.split('.').map(Number), 0],
    openssl: { running: 'disabled' },
    buildEnvironment: {},
    bits: 64,
    debug: false,
    maxBsonObjectSize: 16 * 2 ** 20,
    storageEngines: ['lmdb'],
    ok: 1,
  };
}

const PARAMETERS: Document = {
  featureCompatibilityVersion: { version: '7.0' },
  ttlMonitorEnabled: true,
  notablescan: false,
  enableTestCommands: false,
};

export function getParameter(command: Command): Document {
  const everything = command.value('getParameter') === '*';
  const wanted = Object.keys(PARAMETERS).filter((name) => everything || command.value(name) !== undefined);
  if (wanted.length === 0) throw new MongoError(72, 'no option found to get');
  return { ...Object.fromEntries(wanted.map((name) => [name, PARAMETERS[name]])), ok: 1 };
}

export function getLog(command: Command): Document {
  const which = command.value('getLog');
  if (which === '*') return { names: ['global', 'startupWarnings'], ok: 1 };
  if (typeof which !== 'string') throw failedToParse('Argument to getLog must be of type String');
  const line = {
    t: { $date: command.server.startedAt.toISOString() },
    s: 'W',
    c: 'CONTROL',
    id: 1,
    ctx: 'initandlisten',
    msg: 'Embedded database for development and tests, not for production',
  };
  const log = which === 'startupWarnings' ? [JSON.stringify(line)] : [];
  return { totalLinesWritten: log.length, log, ok: 1 };
}

export function hostInfo({ server }: Command): Document {
  const memSizeMB = Math.floor(totalmem() / 2 ** 20);
  const system = {
    currentTime: server.now(),
    hostname: hostname(),
    cpuAddrSize: 64,
    memSizeMB,
    numCores: cpus().length,
  };
  return { system: { ...system, cpuArch: arch() }, os: { type: platform(), version: release() }, extra: {}, ok: 1 };
}

export function getCmdLineOpts({ server }: Command): Document {
  return { argv: [], parsed: { net: { bindIp: server.host, port: server.port } }, ok: 1 };
}

export function connectionStatus(): Document {
  return { authInfo: { authenticatedUsers: [], authenticatedUserRoles: [] }, ok: 1 };
}

export function whatsMyUri({ server, connectionId }: Command): Document {
  return { you: `${server.host}:${connectionId}`, ok: 1 };
}
