import { renameSync, statSync } from 'node:fs';
import { pino, type DestinationStream, type Level } from 'pino';
import pretty from 'pino-pretty';
import { createLogger, type Logger } from '#service-kit';
import type { PlatformConfig } from '../config.js';

const ROTATE_ABOVE_BYTES = 20 * 1024 * 1024;
const STDERR = 2;

type LogLevel = PlatformConfig['logLevel'];

/**
 * Everything from `info` goes to the file as lines of JSON. The terminal shows warnings and errors, or what LOG_LEVEL
 * asks for: in colours where somebody looks, as JSON where a program reads.
 */
export function openLog(file: string, level: LogLevel): Logger {
  const fileLevel = level === 'trace' || level === 'debug' ? level : 'info';
  const streams: { level: Level; stream: DestinationStream }[] = [{ level: fileLevel, stream: openFile(file) }];
  const shown = level ?? 'warn';
  if (shown !== 'silent') streams.push({ level: shown, stream: terminal() });
  return createLogger(fileLevel, pino.multistream(streams));
}

function openFile(file: string): DestinationStream {
  let size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > ROTATE_ABOVE_BYTES) size = rotate(file);
  const stream = pino.destination({ dest: file, sync: true, mkdir: false });
  // A full disk is told by the servers; it must not end the process for want of a log line.
  stream.on('error', () => undefined);
  stream.on('write', (bytes: number) => {
    size += bytes;
    if (size <= ROTATE_ABOVE_BYTES) return;
    size = rotate(file);
    stream.reopen();
  });
  return stream;
}

const terminal = (): DestinationStream =>
  process.stderr.isTTY
    ? pretty({
        destination: STDERR,
        sync: true,
        colorize: true,
        translateTime: 'SYS:HH:MM:ss',
        hideObject: true,
        messageFormat: lineOf,
        // Told by its message; hidden objects leave it in.
        ignore: 'err',
      })
    : pino.destination({ dest: STDERR, sync: true });

/** Fields and stacks are in the file. */
function lineOf(log: Record<string, unknown>): string {
  const err = log['err'];
  const reason = typeof err === 'object' && err !== null && 'message' in err ? `: ${String(err.message)}` : '';
  return `${log['service'] ? `${String(log['service'])}: ` : ''}${String(log['msg'])}${reason}`;
}

/** One older file is kept. Tells the size of the new one; where that is refused, the log goes on in the same. */
function rotate(file: string): number {
  try {
    renameSync(file, `${file}.1`);
  } catch {
    // Not a reason to start nothing, or to end.
  }
  return 0;
}
