import { describe, expect, test } from '@jest/globals';
import { GraphQLError } from 'graphql';
import { createLogger, ForbiddenError, InternalError } from '#service-kit';
import { PublicErrors } from './public-error.js';

const lines: string[] = [];
const errors = new PublicErrors(createLogger('error', { write: (line) => lines.push(line) }));
const wrapped = (originalError: Error): GraphQLError =>
  new GraphQLError(originalError.message, { originalError, path: ['a', 0] });

const stated = (code: string) =>
  errors.ofApollo({ message: 'm', extensions: { code, stacktrace: ['x'] } }, new Error('m'));

describe('what a client is told of an error', () => {
  test('is the code of a service', () => {
    expect(errors.of(wrapped(new ForbiddenError()))).toEqual({
      message: 'This is not yours to see or do',
      path: ['a', 0],
      extensions: { code: 'FORBIDDEN' },
    });
  });

  test('is the id of a defect in a service', () => {
    expect(errors.of(wrapped(new InternalError('request_1'))).extensions).toEqual({
      code: 'INTERNAL',
      id: 'request_1',
    });
  });

  test('is an id that is in the log, and nothing else, of a defect here', () => {
    const told = errors.of(wrapped(new TypeError('secret of the house')));

    expect(JSON.stringify(told)).not.toMatch(/secret|TypeError|stack| at /);
    expect(told.extensions?.['code']).toBe('INTERNAL');
    expect(lines.join()).toContain(String(told.extensions?.['id']));
    expect(lines.join()).toContain('secret of the house');
  });

  test('is BAD_USER_INPUT for what was refused before anything ran', () => {
    const { errors: told } = errors.inResult({ errors: [new GraphQLError('Variable "$x" got invalid value')] });

    expect(told).toEqual([{ message: 'Variable "$x" got invalid value', extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  test('never is a code of Apollo Server or of somebody else', () => {
    expect(stated('GRAPHQL_PARSE_FAILED')).toEqual({ message: 'm', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } });
    expect(stated('BAD_REQUEST').extensions).toEqual({ code: 'BAD_USER_INPUT' });
    expect(stated('INTERNAL_SERVER_ERROR').extensions).toMatchObject({ code: 'INTERNAL', id: expect.any(String) });
    expect(stated('ER_DUP_ENTRY').extensions).toMatchObject({ code: 'INTERNAL' });
  });
});
