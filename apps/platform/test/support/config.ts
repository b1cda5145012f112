/** What the programs under test inherit: nothing that would point them at anybody's servers or data. */
export const inherited = (env: NodeJS.ProcessEnv = process.env): Readonly<Record<string, string>> => ({
  PATH: env['PATH'] ?? '',
  HOME: env['HOME'] ?? '',
});
