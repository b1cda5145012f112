import { environment } from './config.js';
import { runReset } from './data/run-reset.js';

await runReset(process.argv.slice(2), environment);
