/** Servers that tests are to use instead of embedded ones. */
export const givenServers = (
  env: NodeJS.ProcessEnv = process.env,
): { readonly kafkaBrokers?: string[] | undefined; readonly mongodbUri?: string | undefined } => ({
  kafkaBrokers: env['KAFKA_BROKERS']?.split(',').filter((broker) => broker !== ''),
  mongodbUri: env['MONGODB_URI'],
});

/** Which of jest's workers this is: 1, 2, … */
export const workerNumber = (env: NodeJS.ProcessEnv = process.env): number => Number(env['JEST_WORKER_ID'] ?? 1);
