/** The architecture as rules. See docs/architecture.md. */
const app = (name) => `^apps/${name}/`;
module.exports = {
  forbidden: [
    {
      name: 'apps-never-import-apps',
      comment: 'All that apps know of each other is libs/contracts. Only the platform launches them all.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: app('platform') },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-never-import-apps',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'kafkajs-only-in-messaging',
      comment: 'Its defects are contained there.',
      severity: 'error',
      from: {
        path: '^(apps|libs|e2e|bench)/',
        pathNot: '^libs/(messaging|embedded-kafka)/|^(e2e|bench)/|\\.spec\\.ts$',
      },
      to: { path: 'node_modules/kafkajs' },
    },
    {
      name: 'contracts-stand-alone',
      severity: 'error',
      from: { path: '^libs/contracts/' },
      to: { path: '^libs/(?!contracts/)' },
    },
    {
      name: 'embedded-servers-stand-alone',
      comment: 'They speak protocols, and know nothing of the product.',
      severity: 'error',
      from: { path: '^libs/embedded-', pathNot: '\\.spec\\.ts$|/test/' },
      to: { path: '^libs/(?!embedded-)' },
    },
    {
      name: 'services-never-see-the-embedded-servers',
      severity: 'error',
      from: {
        path: '^apps/(?!platform/)|^libs/(contracts|messaging|persistence|service-kit)/',
        pathNot: '\\.spec\\.ts$|/test/',
      },
      to: { path: '^libs/embedded-' },
    },
    {
      name: 'testing-only-in-tests',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/testing/|\\.spec\\.ts$|/test/' },
      to: { path: '^libs/testing/' },
    },
    {
      name: 'pure-rules-import-only-contracts',
      comment: 'An aggregate <name>/<name>.ts has no database, broker or framework below it.',
      severity: 'error',
      from: { path: '^apps/[^/]+/src/([^/]+)/\\1\\.ts$' },
      to: { path: '@nestjs|mongoose|kafkajs|^libs/(messaging|persistence|service-kit)/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { conditionNames: ['source', 'import', 'node', 'default'], exportsFields: ['exports'] },
  },
};
