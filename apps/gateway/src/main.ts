import 'reflect-metadata';
import { ConfigError, stopOnSignals } from '#service-kit';
import { environment } from './config.js';
import { startGateway } from './gateway.service.js';

try {
  const gateway = await startGateway({ variables: environment });
  process.stdout.write(`GraphQL: ${gateway.url}/graphql\nGraphiQL: ${gateway.url}/graphiql\n`);
  stopOnSignals(() => gateway.close());
} catch (error) {
  const isKnown = error instanceof ConfigError || (error instanceof Error && 'code' in error);
  process.stderr.write(`gateway: ${isKnown ? error.message : String(error)}\n`);
  process.exit(1);
}
