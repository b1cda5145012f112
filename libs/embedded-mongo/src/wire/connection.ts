import type { Socket } from 'node:net';
import { Long } from 'bson';
import { isDocument, type Document } from '../bson/document.js';
import { RawDocuments } from '../commands/raw.js';
import { MessageSizeError, MessageSplitter } from './frames.js';
import type { Gate } from './gate.js';
import { giveBack, ProtocolError, readMessage, type Request } from './message.js';

/** Requests of one connection that may wait; then its socket is not read further. */
const MAX_PENDING = 64;

export interface ConnectionOptions {
  gate: Gate;
  /** Answers with `ok: 0` rather than throw. */
  run: (request: Request) => Promise<Document>;
}

/** One client. Requests are answered one after the other, as MongoDB does. */
export class Connection {
  private readonly splitter = new MessageSplitter();
  private answered: Promise<void> = Promise.resolve();
  private pending = 0;

  constructor(
    private readonly socket: Socket,
    private readonly options: ConnectionOptions,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => socket.destroy());
  }

  /** Resolves when what the client asked so far has been answered. */
  idle(): Promise<void> {
    return this.answered;
  }

  destroy(): void {
    this.socket.destroy();
  }

  private receive(chunk: Buffer): void {
    try {
      for (const message of this.splitter.push(chunk)) this.enqueue(readMessage(message));
    } catch (error) {
      this.fail(error);
    }
  }

  private enqueue(request: Request): void {
    this.pending += 1;
    if (this.pending >= MAX_PENDING) this.socket.pause();
    this.answered = this.answered.then(() => this.answer(request)).catch((error: unknown) => this.fail(error));
  }

  private async answer(request: Request): Promise<void> {
    if (this.options.gate.isClosed) await this.options.gate.passed();
    let more = true;
    while (more && !this.socket.destroyed) {
      const reply = await this.options.run(request);
      more = request.exhaust && isUnfinished(reply);
      if (this.options.gate.isClosed) await this.options.gate.passed();
      if (!request.unanswered && !this.socket.destroyed) await this.send(request.reply(reply, more));
    }
    this.pending -= 1;
    if (this.pending < MAX_PENDING && this.socket.isPaused()) this.socket.resume();
  }

  /** A client that does not read must not fill the memory with answers. */
  private async send(bytes: Buffer): Promise<void> {
    const { socket } = this;
    const isTaken = socket.write(bytes);
    // The system has it, so that nobody reads it any more.
    if (socket.writableLength === 0) giveBack(bytes);
    if (isTaken) return;
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        socket.off('drain', goOn).off('close', goOn);
        resolve();
      };
      socket.once('drain', goOn).once('close', goOn);
    });
  }

  private fail(error: unknown): void {
    this.socket.destroy();
    if (error instanceof ProtocolError || error instanceof MessageSizeError) return;
    console.error('embedded database: a connection was closed after an error', error);
  }
}

/** The answer to a getMore that another one would follow at once: a tailable cursor may have nothing more to tell yet. */
function isUnfinished({ cursor }: Document): boolean {
  if (!isDocument(cursor) || !(cursor.nextBatch instanceof RawDocuments)) return false;
  if (cursor.nextBatch.count === 0) return false;
  return cursor.id instanceof Long && !cursor.id.isZero();
}
