import { describe, expect, test } from '@jest/globals';
import type { ApiMutation } from '../api-operation.js';
import { ApiError, RefusedError } from '../api.errors.js';
import { toRows } from './csv-file.js';
import { importProducts } from './import-products.js';

const HEADER = 'Handle,Title,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price';
const EXPORT = [
  HEADER,
  'lamp,Lamp,Color,red,L-1,3,19.90',
  'lamp,,,blue,L-1,-2,19.90',
  'lamp,,,green,,1,',
  'vase,Vase,,,,1,7',
  'cup,,,,C-1,1,3',
  'Ümläut,Pot,,,P-1,1,4',
].join('\n');

interface Sent {
  externalId: string;
  handle: string | null;
  clientMutationKey: string;
  variants: unknown[];
}

/** An API that makes what it is sent, unless told otherwise. */
function aClient(answer: (input: Sent) => Error | undefined = () => undefined) {
  const sent: Sent[] = [];
  const mutate = async <Output>(mutation: ApiMutation<Output>, input: object): Promise<Output> => {
    const product = input as Sent;
    sent.push(product);
    const failure = answer(product);
    if (failure) throw failure;
    return mutation.output.parse({
      id: `product of ${product.externalId}`,
      variants: product.variants.map((_, index) => ({ id: String(index), available: 1 })),
    });
  };
  return { client: { mutate }, sent };
}
const run = (client: ReturnType<typeof aClient>['client'], text = EXPORT) =>
  importProducts({
    client,
    merchant: { id: 'merchant', currency: 'USD' },
    rows: toRows(Buffer.from(text)).rows,
    concurrency: 2,
  });

describe('an import', () => {
  test('sends what is good, and reports the rest by line', async () => {
    const { client, sent } = aClient();
    const report = await run(client);
    expect(report).toMatchObject({ products: 3, variants: 4 });
    expect(report.rejected).toEqual([
      { line: 4, reason: 'has no price' },
      { line: 6, reason: 'belongs to a product without a title' },
    ]);
    expect(report.warnings.map(({ line }) => line)).toEqual([3, 7]);
    expect(sent.map(({ externalId, handle }) => [externalId, handle])).toEqual([
      ['lamp', 'lamp'],
      ['vase', 'vase'],
      ['Ümläut', null],
    ]);
    expect(new Set(sent.map(({ clientMutationKey }) => clientMutationKey)).size).toBe(3);
  });

  test('reports each line of a product that the API refuses, and goes on', async () => {
    const { client } = aClient(({ externalId }) =>
      externalId === 'lamp' ? new RefusedError('createProduct', 'INVALID_INPUT', 'title is odd') : undefined,
    );
    const report = await run(client);
    expect(report).toMatchObject({ products: 2, variants: 2 });
    expect(report.rejected).toEqual([
      { line: 2, reason: 'lamp: title is odd' },
      { line: 3, reason: 'lamp: title is odd' },
      { line: 4, reason: 'has no price' },
      { line: 6, reason: 'belongs to a product without a title' },
    ]);
  });

  test('fails when the API is gone', async () => {
    const { client } = aClient(() => new ApiError('gone', 'NO_ANSWER'));
    await expect(run(client)).rejects.toThrow('gone');
  });

  test('tells how far it is', async () => {
    const steps: [number, number][] = [];
    await importProducts({
      client: aClient().client,
      merchant: { id: 'merchant', currency: 'USD' },
      rows: toRows(Buffer.from(EXPORT)).rows,
      concurrency: 1,
      onProgress: (done, total) => void steps.push([done, total]),
    });
    expect(steps).toEqual([
      [1, 4],
      [2, 4],
      [3, 4],
      [4, 4],
    ]);
  });
});
