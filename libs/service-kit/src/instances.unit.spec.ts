import { describe, expect, test } from '@jest/globals';
import { Instances, type RemoteService } from './instances.js';
import type { OperationRequest } from './operation-registry.js';
import { BadInputError, ServiceUnavailableError } from './service-errors.js';

class Instance implements RemoteService {
  calls = 0;
  failure: Error | undefined;

  async dispatch(): Promise<unknown> {
    this.calls += 1;
    if (this.failure) throw this.failure;
    return Promise.resolve('done');
  }

  close(): void {}
}

const request: OperationRequest = {
  operation: 'order.cartsOfCaller',
  input: {},
  requestId: 'request',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  deadlineAt: new Date(0),
};

const twoInstances = () => {
  let time = 0;
  const [first, second] = [new Instance(), new Instance()];
  const instances = new Instances([first, second], () => time);
  const ask = (): Promise<unknown> => instances.dispatch(request).catch((error: unknown) => error);
  return { first, second, ask, pass: (ms: number) => (time += ms) };
};

describe('several instances of a service', () => {
  test('take turns', async () => {
    const { first, second, ask } = twoInstances();
    for (let call = 0; call < 10; call++) await ask();
    expect([first.calls, second.calls]).toEqual([5, 5]);
  });

  test('one that does not answer is passed over for a while, and its call is not made twice', async () => {
    const { first, second, ask, pass } = twoInstances();
    first.failure = new ServiceUnavailableError('away');

    expect(await ask()).toBe(first.failure);
    expect(second.calls).toBe(0);
    for (let call = 0; call < 4; call++) expect(await ask()).toBe('done');
    expect([first.calls, second.calls]).toEqual([1, 4]);

    pass(1_000);
    first.failure = undefined;
    await Promise.all([ask(), ask()]);
    expect(first.calls).toBe(2);
  });

  test('one that refuses a call is there all the same', async () => {
    const { first, ask } = twoInstances();
    first.failure = new BadInputError('no');
    for (let call = 0; call < 4; call++) await ask();
    expect(first.calls).toBe(2);
  });

  test('when all are away, it is said', async () => {
    const { first, second, ask } = twoInstances();
    first.failure = second.failure = new ServiceUnavailableError('away');
    for (let call = 0; call < 3; call++) expect(await ask()).toBeInstanceOf(ServiceUnavailableError);
  });
});
