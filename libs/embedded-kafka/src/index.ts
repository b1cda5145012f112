export { startEmbeddedKafka } from './start.js';
export type { EmbeddedKafka, EmbeddedKafkaOptions } from './start.js';
export {
  BrokerFailedError,
  DataLockedError,
  DataVersionError,
  HostNotLoopbackError,
  NotBuiltError,
  PortTakenError,
} from './errors.js';
