// Composes the API from the gateway's slices. Fails when the slices break ownership, when the API breaks its contract or
// lacks a description, or when it is not what schema.graphql says; --write writes schema.graphql.
import { readFileSync, writeFileSync } from 'node:fs';
import { buildSchema } from 'graphql';
import { prepare } from './prepare.mjs';

const COMMITTED = 'schema.graphql';
const CONTRACT = 'apps/gateway/api.contract.graphql';

prepare();
const { readSlices, composeSdl } = await import('../dist/apps/gateway/src/graphql/slices.js');
const { ownershipProblems } = await import('../dist/apps/gateway/src/graphql/ownership.policy.js');
const { contractProblems, undescribed } = await import('../dist/apps/gateway/src/graphql/contract.policy.js');

const slices = readSlices();
const problems = ownershipProblems(slices);
if (problems.length === 0) {
  const sdl = composeSdl(slices);
  const schema = buildSchema(sdl);
  problems.push(...contractProblems(readFileSync(CONTRACT, 'utf8'), schema), ...undescribed(schema));
  if (process.argv.includes('--write')) writeFileSync(COMMITTED, sdl);
  else if (committed() !== sdl)
    problems.push(`${COMMITTED} is not what the slices say: run npm run schema and commit it`);
}
for (const problem of problems) console.error(problem);
process.exitCode = problems.length > 0 ? 1 : 0;

function committed() {
  try {
    return readFileSync(COMMITTED, 'utf8');
  } catch {
    return '';
  }
}
