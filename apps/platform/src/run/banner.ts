import { databaseName } from '#persistence';

export interface SignIn {
  readonly role: string;
  readonly email: string;
  readonly password: string;
}
export interface Sample {
  readonly title: string;
  readonly document: string;
}

export interface BannerFacts {
  readonly url: string;
  readonly kafkaBrokers: string;
  readonly mongodbUri: string;
  readonly namespace: string;
  readonly paymentSandboxUrl: string;
  /** Where the log is, and the data of the embedded servers. */
  readonly logFile: string;
  readonly dataDir: string;
  /** Of the embedded servers. */
  readonly notices: readonly string[];
  /** What was made for looking around; undefined without it. */
  readonly demonstration: { readonly signIns: readonly SignIn[]; readonly samples: readonly Sample[] } | undefined;
  readonly startedInMs: number;
}

/** What the terminal shows when everything is up. */
export function bannerOf(facts: BannerFacts): string {
  const { demonstration } = facts;
  return [
    `Grapevine is up, after ${(facts.startedInMs / 1_000).toFixed(1)} s.`,
    addresses(facts),
    ...(demonstration ? [people(demonstration.signIns), samples(demonstration.samples)] : []),
    ...(facts.notices.length > 0 ? [facts.notices.join('\n')] : []),
    'Ctrl-C stops it. npm run reset deletes the data.',
  ]
    .filter((part) => part !== '')
    .map((part) => `${part}\n`)
    .join('\n');
}

function addresses({ url, kafkaBrokers, mongodbUri, namespace, ...facts }: BannerFacts): string {
  const database = withDatabase(mongodbUri, databaseName(namespace, 'catalog'));
  return table([
    ['GraphQL', `${url}/graphql`],
    ['GraphiQL', `${url}/graphiql`],
    ['broker', kafkaBrokers],
    ['', `kcat -b ${kafkaBrokers} -C -t ${namespace}order.order.v1 -o beginning -f '%T %k %h\\n%s\\n'`],
    ['database', mongodbUri],
    ['', `mongosh "${database}"`],
    ['payments', `${facts.paymentSandboxUrl}/books`],
    ['log', facts.logFile],
    ['data', facts.dataDir],
  ]);
}

const people = (signIns: readonly SignIn[]): string =>
  signIns.length === 0
    ? ''
    : `Sign in as\n${table(signIns.map(({ email, password, role }) => [email, password, role]))}`;

const samples = (all: readonly Sample[]): string =>
  `To paste into GraphiQL\n\n${all.map(({ title, document }) => `# ${title}\n${document}`).join('\n\n')}`;

/** Columns, two spaces apart, below the heading. */
function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)));
  return rows
    .map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ')}`.trimEnd())
    .join('\n');
}

/** The address of one database on a server: its name goes between host and options. */
export function withDatabase(uri: string, database: string): string {
  const [, server = uri, options = ''] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(uri) ?? [];
  return `${server}/${database}${options}`;
}
