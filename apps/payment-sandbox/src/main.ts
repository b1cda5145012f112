import { createLogger, stopOnSignals } from '#service-kit';
import { loadSandboxConfig } from './config.js';
import { startPaymentSandbox } from './payment-sandbox.js';

const { logLevel, ...options } = loadSandboxConfig();
const logger = createLogger(logLevel).child({ service: 'payment-sandbox' });
const sandbox = await startPaymentSandbox({ ...options, logger });
process.stdout.write(`PAYMENT_SANDBOX_URL=${sandbox.url}\n`);
stopOnSignals(() => sandbox.close());
