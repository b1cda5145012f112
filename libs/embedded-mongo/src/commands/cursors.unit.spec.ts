import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decode, encode, type Document } from '../bson/document.js';
import { Cursors } from './cursors.js';
import { RawDocuments, replyPieces } from './raw.js';

const documents = fc.array(
  fc.record({
    _id: fc.integer(),
    text: fc.oneof(
      fc.string(),
      fc.integer({ max: 90_000, min: 1 }).map((n) => 'x'.repeat(n)),
    ),
  }),
);

const answered = (reply: Document): Document => decode(Buffer.concat(replyPieces(reply)));
const expected = (reply: Document): Document => decode(encode(reply));

function rawOf(given: Document[]): RawDocuments {
  const raw = new RawDocuments();
  for (const document of given) raw.add(encode(document));
  return raw;
}

/** As the store reads: each result lies where the one before it lay, and what others read. */
function* borrowed(given: Document[], place: Buffer): Generator<Buffer | undefined> {
  for (const [i, document] of given.entries()) {
    if (i % 3 === 1) yield undefined;
    const bytes = encode(document);
    bytes.copy(place);
    yield place.subarray(0, bytes.length);
  }
}

/** Runs it while others read whenever they have their turn. */
async function besideOthers(place: Buffer, run: () => Promise<void>): Promise<void> {
  const state = { isOver: false };
  const others = async (): Promise<void> => {
    for (; !state.isOver; await Promise.resolve()) place.fill(0, 0, 100);
  };
  await Promise.all([run().finally(() => (state.isOver = true)), others()]);
}

describe('answers with documents as they are stored', () => {
  it('are those that would be encoded as a whole', () => {
    fc.assert(
      fc.property(documents, (given) => {
        const reply = (batch: unknown): Document => ({ cursor: { id: 0, ns: 'a.b', firstBatch: batch }, ok: 1 });
        expect(answered(reply(rawOf(given)))).toEqual(expected(reply(given)));
      }),
    );
  });

  it('that are made at the same time do not share their memory', () => {
    const [one, other] = [new RawDocuments(), new RawDocuments()];
    for (let n = 0; n < 1_500; n++) {
      one.add(encode({ one: n, text: 'x'.repeat(100) }));
      other.add(encode({ other: n, text: 'y'.repeat(100) }));
    }
    const all = (name: string, letter: string) =>
      Array.from({ length: 1_500 }, (_, n) => ({ [name]: n, text: letter.repeat(100) }));
    expect(answered({ batch: one })).toEqual(expected({ batch: all('one', 'x') }));
    expect(answered({ batch: other })).toEqual(expected({ batch: all('other', 'y') }));
  });

  it('come in batches, whatever becomes of the memory that they were read from', async () => {
    await fc.assert(
      fc.asyncProperty(documents, fc.integer({ min: 0, max: 5 }), async (given, size) => {
        const cursors = new Cursors(() => Promise.resolve());
        const place = Buffer.alloc(100_000);
        const read: unknown[] = [];
        await besideOthers(place, async () => {
          let { cursor } = await cursors.first('a.b', borrowed(given, place), size);
          for (;;) {
            const { id, firstBatch, nextBatch } = cursor;
            read.push(...(answered({ batch: firstBatch ?? nextBatch }).batch as unknown[]));
            if (String(id) === '0') break;
            ({ cursor } = await cursors.more(BigInt(String(id)), 'a.b', Math.max(size, 1)));
          }
        });
        expect(read).toEqual(expected({ given }).given);
      }),
      { numRuns: 50 },
    );
  });
});
