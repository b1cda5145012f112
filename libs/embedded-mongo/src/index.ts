export { startEmbeddedMongo } from './start.js';
export type { EmbeddedMongo, EmbeddedMongoOptions } from './start.js';
export { DataFormatError, DataInUseError, NotBuiltError, NotLoopbackError, PortTakenError } from './start.errors.js';
