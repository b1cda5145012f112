// server.mjs broker|database FOLDER PORT: one embedded server as a process of its own, which can be hurt without the other.
import { startEmbeddedKafka } from '#embedded-kafka';
import { startEmbeddedMongo } from '#embedded-mongo';

const [kind, dataDir, port] = process.argv.slice(2);
const start = kind === 'broker' ? startEmbeddedKafka : startEmbeddedMongo;
await start({ dataDir, port: Number(port) });
