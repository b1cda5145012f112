import 'reflect-metadata';
import { environment } from './config.js';
import { runOne } from './run/run-one.js';

await runOne(process.argv.slice(2), environment);
