import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findTarget, NoSystemError } from './config.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'grapevine-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const RUNTIME = {
  url: 'http://127.0.0.1:4300',
  kafkaBrokers: '127.0.0.1:9092',
  namespace: 'mine-',
  paymentSandboxUrl: 'http://127.0.0.1:4110',
};
const find = (url?: string, more: Record<string, string> = {}) => findTarget(url, { DATA_DIR: folder, ...more });

describe('the running system', () => {
  test('is what stands in the data folder', () => {
    writeFileSync(join(folder, 'runtime.json'), JSON.stringify(RUNTIME));
    expect(find()).toEqual({ ...RUNTIME, kafkaBrokers: ['127.0.0.1:9092'], dataDir: folder });
    expect(find('http://127.0.0.1:4300/')).toEqual(find());
  });

  test('elsewhere, has another broker than the one here', () => {
    writeFileSync(join(folder, 'runtime.json'), JSON.stringify(RUNTIME));
    const target = { url: 'http://shop.test', kafkaBrokers: [], namespace: '', paymentSandboxUrl: undefined };
    expect(find('http://shop.test/')).toMatchObject(target);
    const KAFKA_BROKERS = 'a:1,b:2';
    expect(find('http://shop.test', { KAFKA_BROKERS })).toMatchObject({ ...target, kafkaBrokers: ['a:1', 'b:2'] });
  });

  test.each([undefined, '{', '{"kafkaBrokers":"127.0.0.1:9092"}'])('is not there when the file holds %j', (text) => {
    if (text) writeFileSync(join(folder, 'runtime.json'), text);
    expect(() => find()).toThrow(NoSystemError);
  });
});
