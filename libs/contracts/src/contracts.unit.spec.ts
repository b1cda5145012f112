import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { allEvents } from './registry.js';

describe('event contracts', () => {
  test('have names that are unique', () => {
    const types = allEvents.map(({ type }) => type);
    expect(new Set(types).size).toBe(types.length);
  });

  test.each(allEvents.map((contract) => [contract.type, contract] as const))('%s is complete', (_, contract) => {
    expect(contract.schema.parse(contract.example)).toEqual(contract.example);
    expect(contract.topic).toMatch(/^[a-z]+\.[a-z]+\.v\d+$/);
    expect(contract.type).toMatch(/^[a-z-]+\.[a-z-]+$/);
    expect(contract.description.length).toBeGreaterThan(20);
    expect(contract.example).toHaveProperty(contract.key);
    expect(z.toJSONSchema(contract.schema)).toHaveProperty('type', 'object');
  });
});
