import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { BSON, type Document, type Long } from 'bson';
import { startEmbeddedMongo, type EmbeddedMongo } from '#embedded-mongo';
import { crc32c } from '../src/wire/crc32c.js';

const [OP_REPLY, OP_QUERY, OP_MSG] = [1, 2004, 2013];
const [CHECKSUM, MORE_TO_COME, EXHAUST_ALLOWED] = [1, 2, 1 << 16];

let folder: string;
let server: EmbeddedMongo;
let socket: Socket;
/** What came and was not looked at yet: a chunk may hold several answers, or a part of one. */
let received: Buffer;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'embedded-mongo-'));
  server = await startEmbeddedMongo({ dataDir: folder });
}, 60_000);
afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  socket = connect(server.port, '127.0.0.1');
  await once(socket, 'connect');
  received = Buffer.alloc(0);
});
afterEach(() => void socket.destroy());

function frame(opCode: number, parts: Uint8Array[]): Buffer {
  const header = Buffer.alloc(16);
  header.writeInt32LE(16 + parts.reduce((sum, part) => sum + part.length, 0), 0);
  header.writeInt32LE(7, 4);
  header.writeInt32LE(opCode, 12);
  return Buffer.concat([header, ...parts]);
}

const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(value);
  return bytes;
};

const body = (document: Document): Buffer => Buffer.concat([Buffer.from([0]), BSON.serialize(document)]);

function sequence(name: string, documents: Document[]): Buffer {
  const content = Buffer.concat([Buffer.from(`${name}\0`), ...documents.map((each) => BSON.serialize(each))]);
  return Buffer.concat([Buffer.from([1]), int32(content.length + 4), content]);
}

const message = (flags: number, ...sections: Buffer[]): Buffer => frame(OP_MSG, [int32(flags), ...sections]);

interface Answer {
  id: number;
  opCode: number;
  responseTo: number;
  more: boolean;
  document: Document;
}

async function answer(): Promise<Answer> {
  while (received.length < 16 || received.length < received.readInt32LE(0)) {
    const [chunk] = (await once(socket, 'data')) as [Buffer];
    received = Buffer.concat([received, chunk]);
  }
  const bytes = received.subarray(0, received.readInt32LE(0));
  received = received.subarray(bytes.length);
  const opCode = bytes.readInt32LE(12);
  const document = BSON.deserialize(bytes.subarray(opCode === OP_REPLY ? 36 : 21));
  const more = opCode === OP_MSG && (bytes.readInt32LE(16) & MORE_TO_COME) !== 0;
  return { id: bytes.readInt32LE(4), opCode, responseTo: bytes.readInt32LE(8), more, document };
}

describe('the wire protocol', () => {
  it("answers a driver's first hello by OP_QUERY with OP_REPLY", async () => {
    const hello = { ismaster: 1, helloOk: true };
    socket.write(frame(OP_QUERY, [int32(0), Buffer.from('admin.$cmd\0'), int32(0), int32(-1), BSON.serialize(hello)]));
    const { opCode, responseTo, document } = await answer();
    expect([opCode, responseTo]).toEqual([OP_REPLY, 7]);
    expect(document).toMatchObject({ ok: 1, ismaster: true, helloOk: true, maxWireVersion: 21 });
    expect(document).not.toHaveProperty('topologyVersion');
  });

  it('refuses other commands by OP_QUERY', async () => {
    const query = [int32(0), Buffer.from('test.$cmd\0'), int32(0), int32(-1), BSON.serialize({ find: 'x' })];
    socket.write(frame(OP_QUERY, query));
    expect((await answer()).document).toMatchObject({ ok: 0, code: 352 });
  });

  it('takes documents in the body and beside it', async () => {
    socket.write(message(0, body({ insert: 'wire', documents: [{ a: 1 }], $db: 'test' })));
    expect((await answer()).document).toMatchObject({ ok: 1, n: 1 });
    socket.write(message(0, sequence('documents', [{ a: 2 }, { a: 3 }]), body({ insert: 'wire', $db: 'test' })));
    expect((await answer()).document).toMatchObject({ ok: 1, n: 2 });
  });

  it('answers nothing to what asks for no answer', async () => {
    socket.write(message(MORE_TO_COME, body({ insert: 'quiet', documents: [{}], $db: 'test' })));
    socket.write(message(0, body({ count: 'quiet', $db: 'test' })));
    expect((await answer()).document).toMatchObject({ ok: 1, n: 1 });
  });

  it('answers one getMore with all batches that are left when the client allows it', async () => {
    const documents = [1, 2, 3, 4, 5].map((i) => ({ i }));
    socket.write(message(0, body({ insert: 'exhaust', documents, $db: 'test' })));
    await answer();
    socket.write(message(EXHAUST_ALLOWED, body({ find: 'exhaust', batchSize: 1, $db: 'test' })));
    const first = await answer();
    expect(first.more).toBe(false);
    const { id } = first.document.cursor as { id: Long };
    socket.write(message(EXHAUST_ALLOWED, body({ getMore: id, collection: 'exhaust', batchSize: 2, $db: 'test' })));
    const [second, last] = [await answer(), await answer()];
    expect(second).toMatchObject({ responseTo: 7, more: true });
    expect(last).toMatchObject({ responseTo: second.id, more: false });
    const batches = [second, last].map(({ document }) => (document.cursor as { nextBatch: Document[] }).nextBatch);
    expect(batches.map((batch) => batch.map(({ i }) => i as number))).toEqual([
      [2, 3],
      [4, 5],
    ]);
  });

  it('keeps an answer that the client does not take as it is, whatever others are answered', async () => {
    for (const letter of ['x', 'y']) {
      const documents = [{ text: letter.repeat(900_000) }];
      socket.write(message(0, sequence('documents', documents), body({ insert: `late-${letter}`, $db: 'test' })));
      await answer();
    }
    const other = connect(server.port, '127.0.0.1');
    // More than the system takes on its way.
    for (let i = 0; i < 20; i++) socket.write(message(0, body({ find: 'late-x', $db: 'test' })));
    socket.pause();
    for (let i = 0; i < 5; i++) {
      other.write(message(0, body({ find: 'late-y', $db: 'test' })));
      for (let length = 0; length < 900_000;) length += ((await once(other, 'data')) as [Buffer])[0].length;
    }
    other.destroy();
    socket.resume();
    for (let i = 0; i < 20; i++) {
      const { firstBatch } = (await answer()).document.cursor as { firstBatch: { text: string }[] };
      expect(firstBatch.map(({ text }) => /^x{900000}$/.test(text))).toEqual([true]);
    }
  });

  it('checks a checksum, and closes the connection on a wrong one', async () => {
    const summed = (wrong: number) => {
      const rest = message(CHECKSUM, body({ ping: 1, $db: 'admin' }), int32(0));
      rest.writeUInt32LE((crc32c(rest.subarray(0, -4)) ^ wrong) >>> 0, rest.length - 4);
      return rest;
    };
    socket.write(summed(0));
    expect((await answer()).document).toMatchObject({ ok: 1 });
    socket.write(summed(1));
    await once(socket, 'close');
  });

  it('takes a message in pieces and several in one', async () => {
    const ping = message(0, body({ ping: 1, $db: 'admin' }));
    socket.write(ping.subarray(0, 3));
    socket.write(ping.subarray(3, 20));
    socket.write(Buffer.concat([ping.subarray(20), ping]));
    expect((await answer()).document).toMatchObject({ ok: 1 });
    expect((await answer()).document).toMatchObject({ ok: 1 });
  });

  it('says what is wrong with broken BSON, and closes on what is no message', async () => {
    const broken = body({ ping: 1, $db: 'admin' });
    broken[5] = 99;
    socket.write(message(0, broken));
    expect((await answer()).document).toMatchObject({ ok: 0, code: 22 });
    socket.write(int32(2 ** 31 - 1));
    await once(socket, 'close');
  });

  it('closes on flags that it does not know, and on operations of the past', async () => {
    socket.write(message(4, body({ ping: 1, $db: 'admin' })));
    await once(socket, 'close');
    socket = connect(server.port, '127.0.0.1');
    socket.write(frame(2002, [int32(0)]));
    await once(socket, 'close');
  });
});

describe('crc32c', () => {
  it('is that of Castagnoli', () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
  });
});
