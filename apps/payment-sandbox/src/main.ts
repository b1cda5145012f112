import {
  ConfigError,
  createLogger,
  DependencyAwayError,
  stopOnSignals,
  waitForDependencies,
  type Variables,
} from '#service-kit';
import { environment, loadSandboxConfig } from './config.js';
import { startPaymentSandbox } from './payment-sandbox.js';

async function run(variables: Variables): Promise<void> {
  const { logLevel, ...options } = loadSandboxConfig(variables);
  const logger = createLogger(logLevel).child({ service: 'payment-sandbox' });
  await waitForDependencies({ mongodbUri: options.mongodbUri }, { logger });
  const sandbox = await startPaymentSandbox({ ...options, logger });
  process.stdout.write(`PAYMENT_SANDBOX_URL=${sandbox.url}\n`);
  stopOnSignals(() => sandbox.close());
}

await run(environment).catch((error: unknown) => {
  const isExplained = error instanceof ConfigError || error instanceof DependencyAwayError;
  process.stderr.write(`payment-sandbox: ${isExplained ? error.message : `can't start: ${String(error)}`}\n`);
  process.exit(1);
});
