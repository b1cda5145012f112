/** How many random operations the differential test sends, and where its random numbers begin. */
export const differentialRun = (env: NodeJS.ProcessEnv = process.env) => ({
  operations: Number(env['DIFFERENTIAL_OPERATIONS'] ?? 600),
  seed: Number(env['DIFFERENTIAL_SEED'] ?? 20_261_125),
});

/** In CI a missing client is a failure, elsewhere a skip. */
export const isCi = (env: NodeJS.ProcessEnv = process.env): boolean => env['CI'] === 'true';
