import { spawn } from 'node:child_process';
import { expect } from '@jest/globals';
import type { BrokerUnderTest } from './broker-under-test.js';
import { installedAt, isInstalled, sourceOf, testWith } from './foreign-client.js';

const tools = {
  topics: 'org.apache.kafka.tools.TopicCommand',
  produce: 'org.apache.kafka.tools.ConsoleProducer',
  consume: 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  groups: 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  configs: 'kafka.admin.ConfigCommand',
  offsets: 'org.apache.kafka.tools.GetOffsetShell',
  produceFast: 'org.apache.kafka.tools.ProducerPerformance',
} as const;

interface Call {
  readonly tool: keyof typeof tools;
  readonly args: string;
  /** Lines for the tool, divided by spaces. */
  readonly input?: string;
}

/** Runs the calls one behind the other in one JVM; resolves with what each has printed. */
function runTools(calls: readonly Call[]): Promise<string[]> {
  const quick = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
  const java = spawn('java', [...quick, '-cp', installedAt('java/*'), sourceOf('KafkaTools.java')]);
  const lines = calls.map(({ tool, args, input = '' }) => [input, tools[tool], ...args.split(' ')].join('\t'));
  java.stdin.end(`${lines.join('\n')}\n`);
  const collected = { out: '', errors: '' };
  java.stdout.on('data', (text: Buffer) => (collected.out += text.toString()));
  java.stderr.on('data', (text: Buffer) => (collected.errors += text.toString()));
  return new Promise((resolve, reject) => {
    java.on('error', reject);
    java.on('close', (code) => {
      const outputs = collected.out.split('\n----\n').slice(0, -1);
      if (code === 0 && outputs.length === calls.length) resolve(outputs);
      else reject(new Error(`the tools ended with ${code}: ${collected.errors}\n${collected.out}`));
    });
  });
}

/** The columns of the first line of a table in which a word stands. */
const rowOf = (table: string | undefined, word: string): string[] =>
  table
    ?.split('\n')
    .find((line) => line.split(/\s+/).includes(word))
    ?.trim()
    .split(/\s+/) ?? [];

/** Apache Kafka's command-line tools. */
export function kafkaToolFeatures(broker: () => BrokerUnderTest): void {
  const testWithTools = testWith("Apache Kafka's tools", isInstalled('java'));

  testWithTools("Kafka's own tools administer topics, groups and settings, and produce and consume", async () => {
    const [topic, group] = [broker().name(), broker().name('group')];
    const at = `--bootstrap-server ${broker().address}`;
    const reset = '--to-earliest --execute';
    const separator = '--property key.separator=:';
    const all = await runTools([
      { tool: 'topics', args: `${at} --create --topic ${topic} --partitions 1 --config retention.ms=1000000` },
      { tool: 'produce', args: `${at} --topic ${topic} --property parse.key=true ${separator}`, input: 'k:1 k:2 k:3' },
      { tool: 'consume', args: `${at} --topic ${topic} --from-beginning --max-messages 3 --group ${group}` },
      { tool: 'groups', args: `${at} --describe --group ${group}` },
      { tool: 'groups', args: `${at} --reset-offsets --group ${group} --topic ${topic} ${reset}` },
      { tool: 'groups', args: `${at} --list --state Empty` },
      { tool: 'configs', args: `${at} --alter --topic ${topic} --add-config cleanup.policy=compact` },
      { tool: 'configs', args: `${at} --describe --topic ${topic}` },
      { tool: 'offsets', args: `${at} --topic ${topic}` },
      { tool: 'offsets', args: `${at} --topic ${topic} --time max-timestamp` },
      { tool: 'groups', args: `${at} --delete --group ${group}` },
      { tool: 'topics', args: `${at} --alter --topic ${topic} --partitions 2` },
      { tool: 'topics', args: `${at} --describe --topic ${topic}` },
      { tool: 'topics', args: `${at} --delete --topic ${topic}` },
      { tool: 'topics', args: `${at} --list` },
    ]);
    expect(all.map((output) => output.split('\n')[0])).toEqual(all.map(() => 'exit 0'));
    const [created, , consumed, lag, resetOffsets, listed, , configs, ends, largest, deleted, , described, , left] =
      all;
    expect(created).toContain(`Created topic ${topic}`);
    expect(described).toMatch(/PartitionCount: 2\s+ReplicationFactor: 1\s+Configs: .*retention.ms=1000000/);
    expect(consumed).toContain('1\n2\n3');
    expect(rowOf(lag, group).slice(3, 6)).toEqual(['3', '3', '0']);
    expect(rowOf(resetOffsets, group).at(3)).toBe('0');
    expect(rowOf(listed, group)).toEqual([group, 'Empty']);
    expect(configs).toContain('cleanup.policy=compact');
    expect(configs).toContain('retention.ms=1000000');
    expect(ends).toContain(`${topic}:0:3`);
    expect(largest).toMatch(new RegExp(`${topic}:0:[0-2]`));
    expect(deleted).toContain('successful');
    expect(left).not.toContain(topic);
  });

  testWithTools("Kafka's Java producer loads with every codec, idempotently", async () => {
    const topic = await broker().newTopic(2);
    const load = '--num-records 2000 --record-size 500 --throughput -1';
    const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
    const outputs = await runTools(
      codecs.map((codec): Call => {
        const props = `--producer-props bootstrap.servers=${broker().address} compression.type=${codec}`;
        return { tool: 'produceFast', args: `--topic ${topic} ${load} ${props}` };
      }),
    );
    for (const output of outputs) expect(output).toMatch(/^exit 0\n(.*\n)*.*2000 records sent/);
  });
}
