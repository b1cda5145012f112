import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import type { Connection } from 'mongoose';
import { AccountCreated, typeIds, type EventOf } from '#contracts';
import { ConsumerGroup, KafkaMessageBus, MessagingModule, OnEvent, restoredBy } from '#messaging';
import { DocumentCollection, InjectDatabase } from '#persistence';
import { createLogger, ServiceConfig, ServiceStoppedError, startService } from '#service-kit';
import { eventPublisher, eventually, freePort, startTestServers, type TestServers } from '#testing';

const GROUP = 'reputation.shutdown';
const patiently = { timeoutMs: 30_000 };

let entered = 0;
let open: () => void = () => undefined;
const gate = new Promise<void>((resolve) => (open = resolve));

@Injectable()
@ConsumerGroup(GROUP)
class Slow {
  @OnEvent(AccountCreated)
  async handle(_event: EventOf<typeof AccountCreated>): Promise<void> {
    entered++;
    await gate;
  }
}
@Module({
  imports: [MessagingModule.forService({ service: 'reputation', aggregates: [], reactions: [Slow] })],
  providers: [Slow],
})
class SlowModule {}

@Injectable()
class Accounts extends DocumentCollection<{ _id: string }> {
  constructor(@InjectDatabase() connection: Connection) {
    super(connection, { name: 'accounts', indexes: [] });
  }
}
const restoredAccounts = restoredBy({
  name: 'reputation.accounts',
  from: [AccountCreated],
  collection: Accounts,
  by: Accounts,
  take: () => Promise.resolve(),
});
@Module({
  imports: [
    MessagingModule.forService({
      service: 'reputation',
      aggregates: [],
      reactions: [],
      restorations: [restoredAccounts],
    }),
  ],
  providers: [Accounts],
})
class RestoringModule {}

const isReached = (url: string, status: number, reason: string) => async (): Promise<void> => {
  const response = await fetch(url);
  expect(response.status).toBe(status);
  expect(await response.text()).toContain(reason);
};

describe('a service in the split shape', () => {
  let servers: TestServers;
  let variables: Record<string, string>;
  let readyz: string;
  let livez: string;

  beforeAll(async () => {
    servers = await startTestServers();
    const [port, metricsPort] = [await freePort(), await freePort()];
    [readyz, livez] = [`http://127.0.0.1:${metricsPort}/readyz`, `http://127.0.0.1:${metricsPort}/livez`];
    variables = {
      KAFKA_BROKERS: servers.kafkaBrokers.join(),
      MONGODB_URI: servers.mongodbUri,
      GRAPEVINE_NAMESPACE: servers.namespace,
      GRAPEVINE_REPUTATION_URL: `tcp://127.0.0.1:${port}`,
      GRAPEVINE_METRICS_PORT: String(metricsPort),
    };
  });
  afterAll(() => servers.stop());

  const logger = createLogger('silent');

  test('is not ready while it drains, and what its handlers are at is done and committed before it ends', async () => {
    const definition = { name: 'reputation', config: ServiceConfig, module: () => SlowModule } as const;
    const service = await startService(definition, { variables, logger });
    const publisher = eventPublisher(servers);
    const { kafkaBrokers: brokers, namespace } = servers;
    const bus = new KafkaMessageBus({ brokers, namespace, clientId: 'test' });
    await eventually(isReached(readyz, 200, '"isReady":true'), patiently);
    const accountId = typeIds.next('account');
    const data = { accountId, profileId: typeIds.next('profile'), name: 'Ana', handle: 'ana' };
    await publisher.publish(AccountCreated, data, { subject: accountId });
    await eventually(() => expect(entered).toBe(1), patiently);

    const closing = service.close();
    await eventually(isReached(readyz, 503, 'it is being stopped'), patiently);
    expect((await fetch(livez)).status).toBe(200);
    open();
    await closing;

    const lags = await bus.lag(GROUP, [AccountCreated.topic]);
    expect(lags.reduce((sum, { lag }) => sum + lag, 0n)).toBe(0n);
    expect(await bus.memberCount(GROUP)).toBe(0);
    await Promise.all([bus.close(), publisher.close()]);
  });

  test('can be stopped while it waits for a broker to restore what it owned, and is live and not ready until then', async () => {
    const definition = { name: 'reputation', config: ServiceConfig, module: () => RestoringModule } as const;
    const stopping = new AbortController();
    const away = {
      ...variables,
      KAFKA_BROKERS: `127.0.0.1:${await freePort()}`,
      GRAPEVINE_NAMESPACE: `${servers.namespace}away-`,
    };
    const starting = startService(definition, { variables: away, logger, stopping: stopping.signal });
    starting.catch(() => undefined);
    await eventually(isReached(readyz, 503, 'consumers have not caught up yet'), patiently);
    expect((await fetch(livez)).status).toBe(200);

    stopping.abort();
    await expect(starting).rejects.toThrow(ServiceStoppedError);
  });
});
