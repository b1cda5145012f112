import { createLogger } from '#service-kit';
import { loadSandboxConfig } from './config.js';
import { startPaymentSandbox } from './payment-sandbox.js';

const { mongodbUri, namespace, port, paymentSecret, logLevel, ...given } = loadSandboxConfig();
const delays = Object.fromEntries(Object.entries(given).filter(([, ms]) => ms !== undefined));
const logger = createLogger(logLevel).child({ service: 'payment-sandbox' });
const sandbox = await startPaymentSandbox({ mongodbUri, namespace, port, logger, secret: paymentSecret, delays });
process.stdout.write(`PAYMENT_SANDBOX_URL=${sandbox.url}\n`);
const stop = (): void => {
  void sandbox.close().then(() => process.exit(0));
};
process.once('SIGINT', stop);
process.once('SIGTERM', stop);
