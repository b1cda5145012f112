import { environment } from './config.js';
import { runServers } from './servers/run-servers.js';

await runServers(environment);
