import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { HEADER_BYTES } from './changes.js';
import { Environment } from './environment.js';
import { Journal } from './journal.js';
import { OpenTransaction } from './open-transaction.js';

type Model = Map<string, string>;
interface Step {
  key: number;
  /** Undefined removes. */
  value: string | undefined;
  checkpoint: boolean;
}

const step: fc.Arbitrary<Step> = fc.record({
  key: fc.nat(5),
  value: fc.option(fc.string({ maxLength: 20 }), { nil: undefined }),
  checkpoint: fc.boolean(),
});
const steps = fc.array(step, { minLength: 1, maxLength: 12 });
const runs = { numRuns: 25 };

let root: string;
let folder: string;
const opened: Environment[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'embedded-mongo-environment-'));
  folder = join(root, 'data');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

function open(path: string): Environment {
  const environment = Environment.open(path);
  opened.push(environment);
  return environment;
}

const closeAll = () => Promise.all(opened.splice(0).map((environment) => environment.close()));

const refuse = (): never => {
  throw new Error('no space');
};

const keyOf = (key: number) => Buffer.from([1, key]);

function contents({ tables }: Environment): Model {
  const found = tables.records.range({ start: Buffer.from([0]), end: Buffer.from([9]) });
  return new Map(found.map(({ key, value }) => [String(key[1]), String(value)]));
}

function change(environment: Environment, model: Model, { key, value }: Step): Model {
  const { records } = environment.tables;
  environment.transact(() =>
    value === undefined ? records.remove(keyOf(key)) : records.put(keyOf(key), Buffer.from(value)),
  );
  const next = new Map(model);
  if (value === undefined) next.delete(String(key));
  else next.set(String(key), value);
  return next;
}

/** What the disk holds at this moment, as a process that was killed leaves it. */
function crash(journalOf = folder): string {
  const copy = mkdtempSync(join(root, 'crash-'));
  cpSync(join(folder, 'data.mdb'), join(copy, 'data.mdb'));
  cpSync(join(journalOf, 'journal'), join(copy, 'journal'));
  return copy;
}

async function each(list: Step[], check: (environment: Environment, model: Model, given: Step) => void): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  const environment = open(folder);
  let model: Model = new Map();
  for (const given of list) {
    model = change(environment, model, given);
    check(environment, model, given);
  }
  await closeAll();
}

describe('the files of a database', () => {
  it('give values that stay what they were, and lend them for as long as nothing else is read', async () => {
    const environment = open(folder);
    const { records } = environment.tables;
    const values = ['a short one', 'another', 'x'.repeat(100_000), ''];
    environment.transact(() => values.forEach((value, key) => records.put(keyOf(key), Buffer.from(value))));
    const kept = values.map((_, key) => records.get(keyOf(key)));
    for (const [key, value] of values.entries()) expect(String(records.borrow(keyOf(key)))).toBe(value);
    expect(records.borrow(keyOf(values.length))).toBeUndefined();
    expect(records.get(keyOf(values.length))).toBeUndefined();
    expect(kept.map(String)).toEqual(values);
    await closeAll();
  });

  it('hold every change that was acknowledged, whenever the process ends', async () => {
    await fc.assert(
      fc.asyncProperty(steps, (list) =>
        each(list, (environment, model, { checkpoint }) => {
          expect(contents(open(crash()))).toEqual(model);
          if (!checkpoint) return;
          const before = crash();
          environment.checkpoint();
          // The process ends after the file was flushed, and before and after the journal is written anew.
          expect(contents(open(crash(before)))).toEqual(model);
          expect(contents(open(crash()))).toEqual(model);
        }),
      ),
      runs,
    );
  });

  it('hold all changes but the last when the journal is torn in it', async () => {
    await fc.assert(
      fc.asyncProperty(steps, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(255), (list, where, bit) => {
        let end = 0;
        let last: Model = new Map();
        return each(list, (environment, model, { checkpoint }) => {
          const size = environment.journalLength - end;
          const torn = crash();
          tear(join(torn, 'journal'), end + Math.floor(where * (size - 1)), bit + 1);
          expect(contents(open(torn))).toEqual(last);
          if (checkpoint) environment.checkpoint();
          end = environment.journalLength;
          last = model;
        });
      }),
      runs,
    );
  });

  it('go on from where they were after a change that failed, and keep nothing of it', async () => {
    const environment = open(folder);
    const model = change(environment, new Map(), { key: 1, value: 'one', checkpoint: false });
    const failing = () => {
      environment.tables.records.put(keyOf(1), Buffer.from('two'));
      environment.tables.records.put(keyOf(2), Buffer.from('two'));
      throw new Error('it fails');
    };
    expect(() => environment.transact(failing)).toThrow('it fails');
    expect(contents(environment)).toEqual(model);
    const next = change(environment, model, { key: 3, value: 'three', checkpoint: false });
    expect(contents(open(crash()))).toEqual(next);
    await closeAll();
  });

  it('take what the journal refuses, and go on after it', async () => {
    const environment = open(folder);
    let model = change(environment, new Map(), { key: 1, value: 'one', checkpoint: false });
    jest.spyOn(Journal.prototype, 'append').mockImplementationOnce(refuse);
    for (const value of ['two', 'three']) {
      model = change(environment, model, { key: 2, value, checkpoint: false });
      expect(contents(environment)).toEqual(model);
      expect(contents(open(crash()))).toEqual(model);
    }
    await closeAll();
  });

  it('keep what they have when neither the journal nor the file can be written', async () => {
    const environment = open(folder);
    const model = change(environment, new Map(), { key: 1, value: 'one', checkpoint: false });
    const failing: Step = { key: 1, value: 'two', checkpoint: false };
    jest.spyOn(Journal.prototype, 'append').mockImplementationOnce(refuse);
    jest.spyOn(OpenTransaction.prototype, 'commit').mockImplementationOnce(refuse);
    expect(() => change(environment, model, failing)).toThrow('no space');
    expect(contents(environment)).toEqual(model);
    const next = change(environment, model, { key: 3, value: 'three', checkpoint: false });
    expect(contents(open(crash()))).toEqual(next);
    await closeAll();
  });

  it('stay open with all they have when they cannot be opened anew', async () => {
    const environment = open(folder);
    const model = change(environment, new Map(), { key: 1, value: 'one', checkpoint: false });
    jest.spyOn(OpenTransaction.prototype, 'commit').mockImplementationOnce(refuse);
    await expect(environment.reopen()).rejects.toThrow('no space');
    expect(contents(environment)).toEqual(model);
    const next = change(environment, model, { key: 2, value: 'two', checkpoint: false });
    await environment.reopen();
    expect(contents(environment)).toEqual(next);
    await closeAll();
  });

  it('hold a change that is too large for the journal, between small ones', async () => {
    const environment = open(folder);
    let model: Model = new Map();
    for (const value of ['small', 'x'.repeat(2 ** 19), 'small again']) {
      model = change(environment, model, { key: value.length % 7, value, checkpoint: false });
      expect(contents(open(crash()))).toEqual(model);
    }
    await closeAll();
  });

  it('take no journal of another database', async () => {
    change(open(folder), new Map(), { key: 1, value: 'one', checkpoint: false });
    const foreign = crash();
    folder = join(root, 'other');
    open(folder);
    expect(contents(open(crash(foreign)))).toEqual(new Map());
    await closeAll();
  });
});

/** Changes one byte. */
function tear(path: string, at: number, difference: number): void {
  const bytes = readFileSync(path);
  // The length in the header may still be such that the checksum decides; any byte will do.
  bytes[at] = (bytes[at] ?? 0) ^ (difference & 0xff || 1);
  writeFileSync(path, bytes);
  expect(bytes.length).toBeGreaterThan(HEADER_BYTES);
}
