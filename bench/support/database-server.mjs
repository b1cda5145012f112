// The embedded database alone, until whoever started it goes; `bench/database.mjs` starts it.
import { startEmbeddedMongo } from '../../dist/libs/embedded-mongo/src/index.js';

const server = await startEmbeddedMongo({ dataDir: process.argv[2] });
process.once('disconnect', () => void server.close());
process.send(server.uri);
