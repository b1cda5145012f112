import type { IHeaders } from 'kafkajs';
import type { MessageHeaders } from './message-bus.js';

/** Headers as kafkajs reads them. Each becomes text when it is asked for: of most messages few ever are. */
export class KafkaHeaders implements MessageHeaders {
  constructor(private readonly read: IHeaders) {}

  /** Of a header that comes several times, the last one counts. */
  get(name: string): string | undefined {
    const value = this.read[name];
    return (Array.isArray(value) ? value.at(-1) : value)?.toString();
  }

  *[Symbol.iterator](): Iterator<[string, string]> {
    for (const name of Object.keys(this.read)) {
      const value = this.get(name);
      if (value !== undefined) yield [name, value];
    }
  }
}
