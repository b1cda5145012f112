import { environment } from './config.js';
import { grantFromCommandLine, NoAccountError } from './grant/grant-from-command-line.handler.js';
import { GrantUsageError } from './grant/grant-line.policy.js';

import { NoSystemError } from './grant/running-database.js';

const isExplained = (error: unknown): error is Error =>
  error instanceof GrantUsageError || error instanceof NoAccountError || error instanceof NoSystemError;

try {
  process.stdout.write(`${await grantFromCommandLine(process.argv.slice(2), environment)}\n`);
} catch (error) {
  process.stderr.write(`${isExplained(error) ? error.message : `It failed: ${String(error)}`}\n`);
  process.exitCode = 1;
}
