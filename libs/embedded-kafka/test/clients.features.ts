import { expect } from '@jest/globals';
import type { BrokerUnderTest } from './broker-under-test.js';
import { answers, installedAt, isInstalled, run, sourceOf, testWith } from './foreign-client.js';

const python = '/usr/bin/python3';

export function clientFeatures(broker: () => BrokerUnderTest): void {
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
    const report: unknown = JSON.parse(
      await run(python, [sourceOf('python_client.py'), broker().address, topic, group]),
    );
    expect(report).toEqual({ consumed: 200, distinct: 200, members: 2, committed: 200, listed: true, deleted: true });
  });

  testWith('a recent Python client', isInstalled('python'))(
    'librdkafka 2 and kafka-python 3 produce, consume as groups, commit, and administer',
    async () => {
      const args = [sourceOf('recent_clients.py'), installedAt('python'), broker().address, broker().name('recent')];
      const report: unknown = JSON.parse(await run('python3', args));
      const administered = { failures: [], committed: 100, state: 'STABLE', retention: '60000' };
      expect(report).toEqual({ librdkafka: { consumed: 100, ...administered }, python: { consumed: 100 } });
    },
  );

  testWith('a recent client for Node.js', isInstalled('node'))(
    'a client that speaks no older versions produces, consumes as a group, commits, and administers',
    async () => {
      const args = [sourceOf('recent_client.mjs'), installedAt('node'), broker().address, broker().name('node')];
      const report: unknown = JSON.parse(await run(process.execPath, args));
      expect(report).toEqual({ partitions: 2, consumed: 100, committed: 100, state: 'STABLE' });
    },
  );

  testWith('the program of the Go clients', isInstalled('go-clients'))(
    'franz-go and kafka-go produce, consume as groups, commit, and administer',
    async () => {
      const report: unknown = JSON.parse(await run(installedAt('go-clients'), [broker().address, broker().name('go')]));
      expect(report).toEqual({
        franz: { consumed: 100, lag: 0, state: 'Stable', retention: '60000', deleted: true },
        segment: { consumed: 100, lag: 0, state: '', retention: '', deleted: true },
      });
    },
  );
}
