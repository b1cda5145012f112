/** What the processes that a test starts inherit, without what would point them at somebody else's servers. */
export function inheritedEnvironment(env: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const kept = Object.entries(env).filter(([name, value]) => value !== undefined && !OWN.test(name)) as [
    string,
    string,
  ][];
  return Object.fromEntries(kept);
}

const OWN = /^(KAFKA_BROKERS|MONGODB_URI|PORT|DATA_DIR|NODE_OPTIONS|GRAPEVINE_|PAYMENT_|ORDER_)/;

/** `SEED` repeats a run of the crash test; without it every run has another. */
export const seedOf = (env: NodeJS.ProcessEnv = process.env): number => Number(env['SEED'] ?? Date.now() % 2 ** 31);
