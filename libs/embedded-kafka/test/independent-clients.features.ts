import { execFile, execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { BrokerUnderTest } from './broker-under-test.js';
import { isCi } from './config.js';

const python = '/usr/bin/python3';
const pythonScript = join(import.meta.dirname, 'python_client.py');

/** A client that is not there is a failure in CI; elsewhere it is said aloud, and its tests are skipped. */
function testWith(client: string, isThere: boolean): typeof test | typeof test.skip {
  if (isThere || isCi) return test;
  process.stderr.write(`${client} is not installed: the broker is NOT tested with it\n`);
  return test.skip;
}

function answers(command: string, args: readonly string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function run(command: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = execFile(command, args, { timeout: 50_000, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(`${command} failed: ${stderr}`, { cause: error }));
    });
    child.stdin?.end(input);
  });
}

export function independentClientFeatures(broker: () => BrokerUnderTest): void {
  const kcat = (args: readonly string[], input?: string) => run('kcat', ['-b', broker().address, ...args], input);
  const testWithKcat = testWith('kcat', answers('kcat', ['-V']));
  const testWithPython = testWith('python3-kafka', answers(python, ['-c', 'import kafka']));
  const lines = Array.from({ length: 500 }, (_, index) => `key${index}:value${index}`);

  testWithKcat('kcat produces with each codec, idempotently, and consumes what it has produced', async () => {
    const topic = await broker().newTopic();
    const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
    for (const codec of codecs) {
      const settings = ['-K:', '-z', codec, '-X', 'enable.idempotence=true'];
      await kcat(['-P', '-t', topic, ...settings], `${lines.join('\n')}\n`);
    }
    const consumed = await kcat(['-C', '-t', topic, '-o', 'beginning', '-e', '-q', '-K:']);
    expect(consumed.trimEnd().split('\n')).toEqual(codecs.flatMap(() => lines));
  });

  testWithKcat('kcat lists the topic, finds an offset by time, and consumes as a group that goes on', async () => {
    const [topic, group] = [await broker().newTopic(2), broker().name('group')];
    expect(await kcat(['-L', '-t', topic])).toContain(`topic "${topic}" with 2 partitions`);
    const start = Date.now() - 1_000;
    await kcat(['-P', '-t', topic, '-p', '0'], 'a\nb\nc\n');
    expect(await kcat(['-Q', '-t', `${topic}:0:${start}`])).toContain(`${topic} [0] offset 0`);
    const asGroup = ['-G', group, '-q', '-e', '-X', 'auto.offset.reset=earliest', topic];
    expect((await kcat(asGroup)).trimEnd().split('\n').toSorted()).toEqual(['a', 'b', 'c']);
    await kcat(['-P', '-t', topic, '-p', '1'], 'd\n');
    expect((await kcat(asGroup)).trimEnd()).toBe('d');
  });

  testWithPython('python3-kafka creates, produces, consumes as two members of a group, and administers', async () => {
    const [topic, group] = [broker().name(), broker().name('group')];
    const report: unknown = JSON.parse(await run(python, [pythonScript, broker().address, topic, group]));
    expect(report).toEqual({ consumed: 200, distinct: 200, members: 2, committed: 200, listed: true, deleted: true });
  });
}
