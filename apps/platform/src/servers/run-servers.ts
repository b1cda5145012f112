import { stopOnSignals, type Variables } from '#service-kit';
import { loadServersConfig } from '../config.js';
import { openDataFolder } from '../data/data-folder.js';
import { removeRuntime } from '../data/runtime-file.js';
import { explain } from '../explain.js';
import { startEmbeddedServers } from './embedded-servers.js';
import { publishServers } from './running-servers.js';

/**
 * The whole of `npm run servers`. Standard output has the two variables and nothing else. Ends the process with status
 * 1 and a message when they can't start.
 */
export async function runServers(variables: Variables): Promise<void> {
  try {
    const { dataDir, namespace, kafkaHost, autoCreateTopics } = loadServersConfig(variables);
    const folder = openDataFolder(dataDir, new Date());
    const servers = await startEmbeddedServers(folder, {
      kafka: { host: kafkaHost, autoCreateTopics: autoCreateTopics === 'on' },
      mongo: true,
    });
    const { kafkaBrokers = '', mongodbUri = '', notices } = servers;
    publishServers(folder, namespace);
    stopOnSignals(async () => {
      removeRuntime(folder);
      await servers.close();
    });
    for (const notice of notices) process.stderr.write(`${notice}\n`);
    process.stdout.write(`KAFKA_BROKERS=${kafkaBrokers}\nMONGODB_URI=${mongodbUri}\n`);
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}
