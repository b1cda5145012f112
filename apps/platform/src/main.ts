import 'reflect-metadata';
import { environment } from './config.js';
import { runPlatform } from './run/run-platform.js';

await runPlatform(environment);
