import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { buildSchema, parse, validate } from 'graphql';
import { FinishedMark } from './demonstration/find-demonstration.js';
import { sampleQueries } from './demonstration/sample-queries.js';
import * as parked from './events/parked-documents.js';
import * as mutations from './mutations.js';
import * as queries from './queries.js';
import * as rebuilding from './rebuild/projection-documents.js';
import * as scenarioQueries from './scenario/scenario-queries.js';

const schema = buildSchema(readFileSync('schema.graphql', 'utf8'));

const documents = Object.entries({
  ...mutations,
  ...queries,
  ...parked,
  ...rebuilding,
  ...scenarioQueries,
  FinishedMark,
}).flatMap(([name, exported]): [string, string][] => ('document' in exported ? [[name, exported.document]] : []));
const samples = sampleQueries('product_01m84gm0f0f25a4d8x22mf2yaw', 'noor');

describe('every document that the tools send is valid by the schema', () => {
  test.each(documents)('%s', (_name, document) => {
    expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([]);
  });

  test.each(samples)('the sample query «$title», which needs no variables', ({ document }) => {
    expect(validate(schema, parse(document)).map(({ message }) => message)).toEqual([]);
    expect(document).not.toContain('$');
  });
});
