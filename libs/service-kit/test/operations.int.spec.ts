import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  BadInputError,
  createLogger,
  ForbiddenError,
  InternalError,
  loadConfig,
  OperationClient,
  OperationRegistry,
  remoteServices,
  ServiceConfig,
  ServiceUnavailableError,
  startService,
  UnauthenticatedError,
  type RunningService,
  type Variables,
} from '#service-kit';
import { freePort, startTestServers, type TestServers } from '#testing';
import { ACCOUNT, Add, asking, AskOther, Break, desk, Echo, keys, Secret, tokenFor } from './desk.js';

const log: string[] = [];
const logger = createLogger('warn', { write: (line: string) => void log.push(line) });

async function splitVariables({ kafkaBrokers, mongodbUri, namespace }: TestServers): Promise<Variables> {
  const address = async (): Promise<string> => `tcp://127.0.0.1:${await freePort()}`;
  return {
    KAFKA_BROKERS: kafkaBrokers.join(),
    MONGODB_URI: mongodbUri,
    GRAPEVINE_NAMESPACE: namespace,
    GRAPEVINE_IDENTITY_URL: await address(),
    GRAPEVINE_CATALOG_URL: await address(),
    GRAPEVINE_ORDER_URL: await address(),
    GRAPEVINE_REPUTATION_URL: await address(),
  };
}

describe.each(['in one process', 'split'])('services %s', (shape) => {
  let servers: TestServers;
  let namespace: string;
  const running: RunningService[] = [];
  let client: OperationClient;
  let close = (): void => undefined;

  beforeAll(async () => {
    servers = await startTestServers();
    namespace = servers.namespace;
    const variables = await splitVariables(servers);
    const registry = shape === 'split' ? undefined : new OperationRegistry();
    const environment = { variables, logger, ...(registry ? { registry } : {}) };
    for (const definition of [keys, desk, asking]) running.push(await startService(definition, environment));
    const remote = remoteServices(loadConfig(ServiceConfig, variables));
    close = () => remote.forEach((channel) => channel.close());
    client = registry
      ? new OperationClient({ registry })
      : new OperationClient({ registry: new OperationRegistry(), remote });
  });
  afterAll(async () => {
    await Promise.all(running.map((service) => service.close()));
    close();
    await servers?.stop();
  });

  test('answer for the caller of the token, under the given trace', async () => {
    const token = await tokenFor(namespace);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const text = 'é👩🏽‍🚀\u0000"\\\u2028';
    const echo = await client.call(Echo, { text, afterMs: 0 }, { token, traceparent });
    expect(echo).toMatchObject({ text, accountId: ACCOUNT, traceparent });
    expect(await client.call(Echo, { text, afterMs: 0 })).toMatchObject({ accountId: null });
  });

  test('carry 5 MB', async () => {
    const text = 'ü'.repeat(2_500_000);
    const echo = await client.call(Echo, { text, afterMs: 0 }, { deadlineMs: 20_000 });
    expect(echo.text === text).toBe(true);
  });

  test('pass token and trace on to each other', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const answer = await client.call(AskOther, {}, { token: await tokenFor(namespace), traceparent });
    expect(answer).toMatchObject({ text: 'asked', accountId: ACCOUNT, traceparent });
  });

  test('say who may not ask', async () => {
    await expect(client.call(Secret, {})).rejects.toBeInstanceOf(UnauthenticatedError);
    const customer = await tokenFor(namespace);
    await expect(client.call(Secret, {}, { token: customer })).rejects.toBeInstanceOf(ForbiddenError);
    const platform = await tokenFor(namespace, ['customer', 'platform']);
    expect(await client.call(Secret, {}, { token: platform })).toBe('secret');
    const foreign = await tokenFor('other');
    await expect(client.call(Echo, { text: '', afterMs: 0 }, { token: foreign })).rejects.toBeInstanceOf(
      UnauthenticatedError,
    );
  });

  test('say what is wrong with the input', async () => {
    const token = await tokenFor(namespace);
    expect(await client.call(Add, { amount: 0 }, { token })).toMatchObject({
      __typename: 'InvalidInput',
      fields: [{ path: ['amount'], problem: 'is less than 1' }],
    });
    await expect(client.call(Echo, { text: '', afterMs: 0.5 })).rejects.toBeInstanceOf(BadInputError);
  });

  test('tell nothing of a defect but an id, which is in the log', async () => {
    const error = await client.call(Break, {}).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InternalError);
    expect(JSON.stringify(error)).not.toContain('inside');
    const { id } = error as InternalError;
    expect(log.find((line) => line.includes(id))).toContain('the inside of things');
  });

  test('have a deadline, which the handler knows', async () => {
    const started = Date.now();
    const late = client.call(Echo, { text: '', afterMs: 1500 }, { deadlineMs: 100 });
    await expect(late).rejects.toBeInstanceOf(ServiceUnavailableError);
    expect(Date.now() - started).toBeLessThan(1400);
    const { leftMs } = await client.call(Echo, { text: '', afterMs: 0 }, { deadlineMs: 900 });
    expect(leftMs).toBeGreaterThan(0);
    expect(leftMs).toBeLessThanOrEqual(900);
  });

  test('run a command once for each key, also when it comes 20 times at once', async () => {
    const token = await tokenFor(namespace);
    const input = { clientMutationKey: 'once', amount: 7 };
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => client.call(Add, input, { token, deadlineMs: 20_000 })),
    );
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await client.call(Add, { ...input, amount: 8 }, { token })).toHaveProperty('code', 'IDEMPOTENCY_CONFLICT');
    const other = await tokenFor(namespace, ['customer'], 'account_01m84gm0f0f25a4d8x22mf2yax');
    expect(await client.call(Add, input, { token: other })).toMatchObject({ sum: 14 });
  });

  test('that are not there are unavailable at once', async () => {
    const started = Date.now();
    const nowhere = { ...Echo, name: 'reputation.echo', service: 'reputation' as const };
    await expect(client.call(nowhere, { text: '', afterMs: 0 }, { deadlineMs: 20_000 })).rejects.toBeInstanceOf(
      ServiceUnavailableError,
    );
    expect(Date.now() - started).toBeLessThan(10_000);
  });
});
