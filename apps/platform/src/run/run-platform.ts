import { stopOnSignals, type Variables } from '#service-kit';
import { loadPlatformConfig } from '../config.js';
import { openDataFolder, type DataFolder } from '../data/data-folder.js';
import { holdFolder } from '../data/hold-folder.js';
import { thisProcess } from '#embedded-disk';
import { removeRuntime, writeRuntime } from '../data/runtime-file.js';
import { publishServers } from '../servers/running-servers.js';
import { openBackingServers } from './backing-servers.js';
import { bannerOf } from './banner.js';
import { ClosingList } from './closing-list.js';
import { makeDemonstration } from './demonstration.js';
import { explain } from '../explain.js';
import { checkGatewayPort } from './gateway-port.js';
import { openLog } from './log.js';
import { loadService, SERVICE_NAMES } from './services.js';

/** The whole of `npm start`. Ends the process with status 1 and a message when it can't start. */
export async function runPlatform(variables: Variables): Promise<void> {
  const closing = new ClosingList();
  outliveTerminal();
  stopOnSignals(() => {
    say('\nStopping. Ctrl-C again ends it at once; nothing is lost by that.');
    return closing.close();
  });
  try {
    await start(variables, closing);
  } catch (error) {
    // What fails because the rest is being stopped is no failure.
    if (closing.hasBegun) return;
    say(explain(error));
    await closing.close();
    process.exit(1);
  }
}

async function start(variables: Variables, closing: ClosingList): Promise<void> {
  const since = performance.now();
  const startedAt = new Date().toISOString();
  const config = loadPlatformConfig(variables);
  const folder = openDataFolder(config.dataDir, new Date());
  hold(folder, config.namespace, closing);
  await checkGatewayPort(config);
  const logFile = folder.path('grapevine.log');
  const logger = openLog(logFile, config.logLevel);
  closing.logger = logger;
  say('Starting Grapevine …');
  // The servers start in threads of their own while the services' code is loaded, which takes longer.
  const [servers, { startPlatform }] = await Promise.all([
    openBackingServers({ config, folder, logger, closing }),
    loadPlatform(),
  ]);
  const platform = await startPlatform({ config, servers, folder, logger, closing, variables });
  const { url, paymentSandboxUrl } = platform;
  const { kafkaBrokers, mongodbUri } = servers;
  const addresses = { url, kafkaBrokers, mongodbUri, namespace: config.namespace, paymentSandboxUrl };
  writeRuntime(folder, { ...addresses, ...thisProcess(), startedAt });
  await platform.ready();
  if (closing.hasBegun) return;
  const demonstration = await makeDemonstration({ config, folder, logger, url, say });
  await platform.caughtUp();
  if (closing.hasBegun) return;
  const startedInMs = performance.now() - since;
  const { notices } = servers;
  process.stdout.write(bannerOf({ ...addresses, logFile, dataDir: folder.dir, notices, demonstration, startedInMs }));
}

async function loadPlatform() {
  const [platform] = await Promise.all([import('./platform.js'), ...SERVICE_NAMES.map(loadService)]);
  return platform;
}

function hold(folder: DataFolder, namespace: string, closing: ClosingList): void {
  const lock = holdFolder(folder);
  removeRuntime(folder);
  closing.add({
    what: 'leaving the data folder',
    withinMs: 1_000,
    close: () => {
      removeRuntime(folder);
      // Those of `npm run servers` go on.
      publishServers(folder, namespace);
      lock.release();
    },
  });
}

/** What is said to a terminal or a pipe that is gone is lost, instead of ending everything in its midst. */
function outliveTerminal(): void {
  for (const output of [process.stdout, process.stderr]) output.on('error', () => {});
}

const say = (line: string): void => void process.stderr.write(`${line}\n`);
