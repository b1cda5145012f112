import type { Socket } from 'node:net';
import { apiVersionsApi } from '../protocol/apis/api-versions.js';
import { produceApi } from '../protocol/apis/produce.js';
import { ErrorCode } from '../protocol/error-code.js';
import { MalformedRequestError, Reader } from '../protocol/reader.js';
import { Writer } from '../protocol/writer.js';
import type { FramePool } from './frame-pool.js';
import { FrameSizeError, FrameSplitter } from './frames.js';
import type { Gate } from './gate.js';
import type { Answer, RequestContext, Route } from './route.js';
import type { Unread } from './unread.js';

/** In front of every frame: how long it is. */
const lengthBytes = 4;
/** Requests of one connection that may wait for an answer; then its socket is not read further. */
const maxPending = 64;

export interface ConnectionOptions {
  readonly routes: ReadonlyMap<number, Route>;
  readonly gate: Gate;
  readonly maxFrameBytes: number;
  /** After so long without a byte from or to the client, and nothing that it waits for, it is hung up on. */
  readonly maxIdleMs: number;
  readonly unread: Unread;
  /** Told of what should not happen: an error that is neither the client's nor the disk's. */
  readonly report: (error: unknown) => void;
}

interface Incoming {
  readonly key: number;
  readonly correlationId: number;
  readonly context: RequestContext;
  readonly body: Reader;
  readonly frame: Buffer;
}

/**
 * One client. Answers are given in the order of the requests. As in Kafka a request starts when the one before it is
 * answered; only Produce requests behind each other start at once, so that they share a flush.
 */
export class Connection {
  readonly #socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #splitter: FrameSplitter;
  readonly #pool: FramePool;
  /** Resolves when all requests so far have been answered. */
  #answered: Promise<void> = Promise.resolve();
  /** Resolves when the last request that is no Produce has been answered. */
  #barrier: Promise<void> = Promise.resolve();
  #pending = 0;

  constructor(socket: Socket, options: ConnectionOptions, pool: FramePool) {
    this.#socket = socket;
    this.#options = options;
    this.#pool = pool;
    this.#splitter = new FrameSplitter(options.maxFrameBytes, pool);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => socket.destroy());
    socket.setTimeout(options.maxIdleMs, () => this.#checkIdle());
  }

  /** Resolves when what the client asked so far has been answered. */
  async idle(): Promise<void> {
    await this.#answered;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#splitter.push(chunk)) this.#enqueue(this.#decode(frame));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** As Kafka: who is gone without a word, or does not read, would otherwise be kept for as long as the broker runs. */
  #checkIdle(): void {
    const isWaiting = this.#pending > 0 && this.#socket.writableLength === 0;
    if (isWaiting) this.#socket.setTimeout(this.#options.maxIdleMs);
    else this.#socket.destroy();
  }

  #decode(frame: Buffer): Incoming {
    const body = new Reader(frame);
    const key = body.int16();
    const version = body.int16();
    const correlationId = body.int32();
    const clientId = body.nullableString() ?? '';
    const clientHost = this.#socket.remoteAddress ?? '';
    return { key, correlationId, body, frame, context: { version, clientId, clientHost } };
  }

  #enqueue(incoming: Incoming): void {
    this.#pending += 1;
    if (this.#pending >= maxPending) this.#socket.pause();
    const isProduce = incoming.key === produceApi.key;
    const answer = (isProduce ? this.#barrier : this.#answered).then(() => this.#handle(incoming));
    // It is waited for below in its turn; a failure before that must not count as unhandled.
    answer.catch(() => undefined);
    this.#answered = this.#answered.then(() => this.#respond(incoming, answer));
    if (!isProduce) this.#barrier = this.#answered;
  }

  async #handle(incoming: Incoming): Promise<Answer> {
    await this.#options.gate.passed();
    if (this.#socket.destroyed) return null;
    const { key, context, body } = incoming;
    const api = this.#options.routes.get(key);
    const isKnown = api !== undefined && context.version >= api.minVersion && context.version <= api.maxVersion;
    if (isKnown) return api.answer(body, context);
    if (key === apiVersionsApi.key) return answerUnknownApiVersions;
    throw new MalformedRequestError(`API ${key} version ${context.version} is not supported`);
  }

  async #respond({ key, correlationId, frame }: Incoming, pending: Promise<Answer>): Promise<void> {
    try {
      const answer = await pending;
      // The records are in the log now. What other requests carry, as the members' data in groups, may be kept.
      if (key === produceApi.key) this.#pool.giveBack(frame);
      await this.#options.gate.passed();
      if (answer !== null && !this.#socket.destroyed) await this.#send(correlationId, answer);
    } catch (error) {
      this.#fail(error);
    }
    this.#pending -= 1;
    if (this.#pending < maxPending && this.#socket.isPaused()) this.#socket.resume();
  }

  async #send(correlationId: number, answer: NonNullable<Answer>): Promise<void> {
    const writer = new Writer();
    // In the place of the length, which is known at the end.
    writer.int32(0);
    writer.int32(correlationId);
    answer(writer);
    const chunks = writer.finish();
    chunks[0]?.writeInt32BE(writer.length - lengthBytes);
    // One system call for all of them; a single one, as most answers are, goes out at once.
    if (chunks.length > 1) this.#socket.cork();
    for (const chunk of chunks) this.#socket.write(chunk);
    if (chunks.length > 1) this.#socket.uncork();
    // A client that does not read must not fill the memory with answers.
    if (this.#socket.writableNeedDrain) await this.#options.unread.hold(writer.length, drained(this.#socket));
  }

  #fail(error: unknown): void {
    this.#socket.destroy();
    if (error instanceof MalformedRequestError || error instanceof FrameSizeError) return;
    this.#options.report(error);
  }
}

/** Resolves when the client has taken what was written, or is gone. */
function drained(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      socket.off('drain', finish);
      socket.off('close', finish);
      resolve();
    };
    socket.on('drain', finish);
    socket.on('close', finish);
  });
}

/** Clients that begin with a later version learn from this, in the form of version 0, which one to use. */
function answerUnknownApiVersions(writer: Writer): void {
  const { key: apiKey, minVersion, maxVersion } = apiVersionsApi;
  const answer = {
    errorCode: ErrorCode.unsupportedVersion,
    apiKeys: [{ apiKey, minVersion, maxVersion }],
    throttleTimeMs: 0,
  };
  apiVersionsApi.response.write(writer, answer, 0);
}
