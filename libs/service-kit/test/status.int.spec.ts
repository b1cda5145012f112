import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { AccountCreated, typeIds, type EventOf } from '#contracts';
import { ConsumerGroup, MessagingModule, OnEvent } from '#messaging';
import { createLogger, ServiceConfig, startService, type RunningService } from '#service-kit';
import {
  eventPublisher,
  eventually,
  freePort,
  startTestServers,
  type EventPublisher,
  type TestServers,
} from '#testing';

const GROUP = 'reputation.listener';
let handled = 0;

@Injectable()
@ConsumerGroup(GROUP)
class Listener {
  @OnEvent(AccountCreated)
  async listen({ data }: EventOf<typeof AccountCreated>): Promise<void> {
    if (data.name === 'Bad') throw new TypeError('not this one');
    handled++;
  }
}
@Module({
  imports: [MessagingModule.forService({ service: 'reputation', aggregates: [], reactions: [Listener] })],
  providers: [Listener],
})
class ListenerModule {}

const patiently = { timeoutMs: 30_000 };

describe('a service in the split shape', () => {
  let servers: TestServers;
  let publisher: EventPublisher;
  let service: RunningService;
  let url: string;

  beforeAll(async () => {
    servers = await startTestServers();
    publisher = eventPublisher(servers);
    const [port, metricsPort] = [await freePort(), await freePort()];
    url = `http://127.0.0.1:${metricsPort}`;
    service = await startService(
      { name: 'reputation', config: ServiceConfig, module: () => ListenerModule },
      {
        variables: {
          KAFKA_BROKERS: servers.kafkaBrokers.join(),
          MONGODB_URI: servers.mongodbUri,
          GRAPEVINE_NAMESPACE: servers.namespace,
          GRAPEVINE_REPUTATION_URL: `tcp://127.0.0.1:${port}`,
          GRAPEVINE_METRICS_PORT: String(metricsPort),
        },
        logger: createLogger('silent'),
      },
    );
  });
  afterAll(async () => {
    await service.close();
    await publisher.close();
    await servers.stop();
  });

  const statusOf = async (path: string): Promise<number> => (await fetch(`${url}${path}`)).status;
  const figures = async (): Promise<string[]> => (await (await fetch(`${url}/metrics`)).text()).split('\n');
  const signUp = async (name: string): Promise<void> => {
    const accountId = typeIds.next('account');
    const data = { accountId, profileId: typeIds.next('profile'), name, handle: name.toLowerCase() };
    await publisher.publish(AccountCreated, data, { subject: accountId });
  };

  test('is live from the start, and ready once its consumers have caught up', async () => {
    expect(await statusOf('/livez')).toBe(200);
    await eventually(async () => expect(await statusOf('/readyz')).toBe(200), patiently);
    expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
      reputation: { isLive: true, isReady: true, reasons: [] },
    });
    expect(await statusOf('/elsewhere')).toBe(404);
  });

  test('tells what its consumers did and how long it took, and how old what waits is', async () => {
    await signUp('Ana');
    await signUp('Bad');
    await eventually(() => expect(handled).toBe(1), patiently);
    await eventually(async () => {
      const lines = await figures();
      expect(lines).toContain(`grapevine_events_consumed_total{group="${GROUP}",outcome="handled"} 1`);
      expect(lines).toContain(`grapevine_events_consumed_total{group="${GROUP}",outcome="parked"} 1`);
      expect(lines).toContain(`grapevine_handler_seconds_count{group="${GROUP}"} 2`);
      expect(lines).toContain(`grapevine_parked_events{group="${GROUP}"} 1`);
      expect(lines).toContain('grapevine_outbox_age_seconds{service="reputation"} 0');
      const ages = lines.filter((line) => line.startsWith(`grapevine_consumer_lag_seconds{group="${GROUP}"`));
      expect(ages.length).toBeGreaterThan(0);
      expect(lines.some((line) => line.startsWith('nodejs_eventloop_lag_seconds '))).toBe(true);
    }, patiently);
  });
});
