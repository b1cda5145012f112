import { createLogger, runServiceAlone, stopOnSignals, waitForDependencies, type Variables } from '#service-kit';
import { explain } from '../explain.js';
import { serverAddresses } from '../servers/server-addresses.js';
import { isLaunchedService, loadService, SERVICE_NAMES } from './services.js';

const USAGE = `npm run start:service -- NAME

NAME is one of ${[...SERVICE_NAMES, 'gateway', 'payment-sandbox'].join(', ')}.
The broker and the database are those of KAFKA_BROKERS and MONGODB_URI, or of npm run servers.`;

/** The whole of `npm run start:service`: one of them in a process of its own. Status 1 when it can't start. */
export async function runOne([name]: readonly string[], given: Variables): Promise<void> {
  try {
    if (name === undefined) throw new UnknownServiceError(USAGE);
    const variables = { ...given, ...serverAddresses(given) };
    if (isLaunchedService(name)) await runServiceAlone(await loadService(name), variables);
    else if (name === 'gateway') await runGateway(variables);
    else if (name === 'payment-sandbox') await runPaymentSandbox(variables);
    else throw new UnknownServiceError(`There is no ${name}.\n\n${USAGE}`);
  } catch (error) {
    process.stderr.write(`${explain(error)}\n`);
    process.exit(1);
  }
}

class UnknownServiceError extends Error {
  readonly code = 'PLATFORM.UNKNOWN_SERVICE';
}

async function runGateway(variables: Variables): Promise<void> {
  const { startGateway } = await import('../../../gateway/src/gateway.service.js');
  const gateway = await startGateway({ variables });
  process.stdout.write(`GraphQL: ${gateway.url}/graphql\nGraphiQL: ${gateway.url}/graphiql\n`);
  stopOnSignals(() => gateway.close());
}

async function runPaymentSandbox(variables: Variables): Promise<void> {
  const [{ loadSandboxConfig }, { startPaymentSandbox }] = await Promise.all([
    import('../../../payment-sandbox/src/config.js'),
    import('../../../payment-sandbox/src/payment-sandbox.js'),
  ]);
  const { logLevel, ...options } = loadSandboxConfig(variables);
  const logger = createLogger(logLevel).child({ service: 'payment-sandbox' });
  await waitForDependencies({ mongodbUri: options.mongodbUri }, { logger });
  const sandbox = await startPaymentSandbox({ ...options, logger });
  process.stdout.write(`PAYMENT_SANDBOX_URL=${sandbox.url}\n`);
  stopOnSignals(() => sandbox.close());
}
