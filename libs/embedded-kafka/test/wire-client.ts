import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { Api } from '../src/protocol/api.js';
import { Reader } from '../src/protocol/reader.js';
import { Writer } from '../src/protocol/writer.js';
import { FramePool } from '../src/server/frame-pool.js';
import { FrameSplitter } from '../src/server/frames.js';
import { hasFlexibleHeader } from '../src/server/route.js';

class ConnectionClosedError extends Error {
  override readonly message = 'the broker has closed the connection';
}

/** Speaks the protocol without a client library's own opinions: any version, broken requests, many at once. */
export class WireClient {
  /** Correlation ids of the responses in the order in which they came. */
  readonly arrived: number[] = [];
  readonly #waiting = new Map<number, { resolve(body: Reader): void; reject(error: Error): void }>();
  readonly #splitter = new FrameSplitter(0x7fffffff, new FramePool());
  readonly closed: Promise<void>;
  #lastId = 0;

  private constructor(private readonly socket: Socket) {
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        for (const { reject } of this.#waiting.values()) reject(new ConnectionClosedError());
        resolve();
      });
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (const frame of this.#splitter.push(chunk)) this.#receive(new Reader(frame));
    });
  }

  static async connect(address: string): Promise<WireClient> {
    const at = address.lastIndexOf(':');
    const socket = connect({ host: address.slice(0, at), port: Number(address.slice(at + 1)) });
    await once(socket, 'connect');
    return new WireClient(socket);
  }

  async call<Request, Response>(api: Api<Request, Response>, version: number, request: Request): Promise<Response> {
    const answer = await this.callRaw(api.key, version, this.#body(api, version, request));
    answer.isFlexible = version >= api.flexibleFrom;
    if (answer.isFlexible && hasFlexibleHeader(api.key)) answer.skipTaggedFields();
    return api.response.read(answer, version);
  }

  /** Resolves with whatever is answered; rejects when the connection ends before. */
  callRaw(key: number, version: number, body: Buffer): Promise<Reader> {
    if (this.socket.destroyed) return Promise.reject(new ConnectionClosedError());
    const id = this.#send(key, version, body);
    return new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
  }

  /** For requests that have no answer. */
  tell<Request, Response>(api: Api<Request, Response>, version: number, request: Request): void {
    this.#send(api.key, version, this.#body(api, version, request));
  }

  write(bytes: Buffer): void {
    this.socket.write(bytes);
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  #body<Request, Response>(api: Api<Request, Response>, version: number, request: Request): Buffer {
    const writer = new Writer();
    writer.isFlexible = version >= api.flexibleFrom;
    // The header's tagged fields, which stand right before the body.
    if (writer.isFlexible) writer.noTaggedFields();
    api.request.write(writer, request, version);
    return Buffer.concat(writer.finish());
  }

  #send(key: number, version: number, body: Buffer): number {
    this.#lastId += 1;
    const writer = new Writer();
    writer.int16(key);
    writer.int16(version);
    writer.int32(this.#lastId);
    writer.nullableString('wire-client');
    writer.raw(body);
    const length = Buffer.alloc(4);
    length.writeInt32BE(writer.length);
    this.socket.write(Buffer.concat([length, ...writer.finish()]));
    return this.#lastId;
  }

  #receive(frame: Reader): void {
    const id = frame.int32();
    this.arrived.push(id);
    this.#waiting.get(id)?.resolve(frame);
    this.#waiting.delete(id);
  }
}
