/** Stands for authorized operations that nobody asked for. */
export const notAsked = -0x8000_0000;

const Operation = {
  read: 3,
  write: 4,
  create: 5,
  delete: 6,
  alter: 7,
  describe: 8,
  clusterAction: 9,
  describeConfigs: 10,
  alterConfigs: 11,
  idempotentWrite: 12,
} as const;

/** Without an authorizer everybody may do whatever can be done with a thing: one bit for each operation. */
const whereAsked =
  (...operations: readonly (keyof typeof Operation)[]) =>
  (isAsked: boolean): number =>
    isAsked ? operations.reduce((bits, name) => bits | (1 << Operation[name]), 0) : notAsked;

export const topicOperations = whereAsked(
  'read',
  'write',
  'create',
  'delete',
  'alter',
  'describe',
  'describeConfigs',
  'alterConfigs',
);
export const groupOperations = whereAsked('read', 'delete', 'describe', 'describeConfigs', 'alterConfigs');
export const clusterOperations = whereAsked(
  'create',
  'alter',
  'describe',
  'clusterAction',
  'describeConfigs',
  'alterConfigs',
  'idempotentWrite',
);
