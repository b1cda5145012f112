import 'reflect-metadata';
import { ConfigError } from '#service-kit';
import { environment } from './config.js';
import { startGateway } from './gateway.service.js';

try {
  const gateway = await startGateway({ variables: environment });
  process.stdout.write(`GraphQL: ${gateway.url}/graphql\nGraphiQL: ${gateway.url}/graphiql\n`);
  const stop = (): void => {
    void gateway.close().then(() => process.exit(0));
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
} catch (error) {
  const isKnown = error instanceof ConfigError || (error instanceof Error && 'code' in error);
  process.stderr.write(`gateway: ${isKnown ? error.message : String(error)}\n`);
  process.exit(1);
}
