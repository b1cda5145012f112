import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Injectable, Module } from '@nestjs/common';
import { AccountCreated, parkingOperationsOf, typeIds, type EventOf } from '#contracts';
import { ConsumerGroup, MessagingModule, OnEvent } from '#messaging';
import {
  createLogger,
  ForbiddenError,
  OperationClient,
  OperationRegistry,
  ServiceConfig,
  startService,
  UnauthenticatedError,
  type RunningService,
} from '#service-kit';
import {
  eventPublisher,
  eventually,
  fakeIdentity,
  startTestServers,
  type EventPublisher,
  type FakeIdentity,
  type TestServers,
} from '#testing';

const handled: string[] = [];
let isMended = false;

@Injectable()
@ConsumerGroup('reputation.greeter')
class Greeter {
  @OnEvent(AccountCreated)
  async greet({ data }: EventOf<typeof AccountCreated>): Promise<void> {
    if (!isMended && data.name.startsWith('Bad')) throw new TypeError('no greeting');
    handled.push(data.name);
  }
}
@Module({
  imports: [MessagingModule.forService({ service: 'reputation', aggregates: [], reactions: [Greeter] })],
  providers: [Greeter],
})
class GreeterModule {}

const { groups, events, replay, discard } = parkingOperationsOf('reputation');

describe('parked events of a service', () => {
  let servers: TestServers;
  let identity: FakeIdentity;
  let publisher: EventPublisher;
  let service: RunningService;
  let client: OperationClient;
  let token: string;

  beforeAll(async () => {
    servers = await startTestServers();
    identity = await fakeIdentity(servers.namespace);
    publisher = eventPublisher(servers);
    const registry = new OperationRegistry();
    registry.register('identity', identity.host);
    service = await startService(
      { name: 'reputation', config: ServiceConfig, module: () => GreeterModule },
      {
        variables: {
          KAFKA_BROKERS: servers.kafkaBrokers.join(),
          MONGODB_URI: servers.mongodbUri,
          GRAPEVINE_NAMESPACE: servers.namespace,
        },
        registry,
        logger: createLogger('silent'),
      },
    );
    client = new OperationClient({ registry });
    token = (await identity.signIn({ roles: ['customer', 'platform'] })).token;
  });
  afterAll(async () => {
    await service.close();
    await publisher.close();
    await servers.stop();
  });

  const signUp = async (...names: string[]): Promise<void> => {
    for (const name of names) {
      const accountId = typeIds.next('account');
      const data = { accountId, profileId: typeIds.next('profile'), name, handle: name.toLowerCase() };
      await publisher.publish(AccountCreated, data, { subject: accountId });
    }
  };

  test('are for the platform role alone', async () => {
    const { token: customer } = await identity.signIn();
    const filter = { consumerGroup: 'reputation.greeter' };
    await expect(client.call(groups, {}, { token: customer })).rejects.toBeInstanceOf(ForbiddenError);
    await expect(client.call(discard, { filter, dryRun: false }, { token: null })).rejects.toBeInstanceOf(
      UnauthenticatedError,
    );
  });

  test('are listed by failure, shown, discarded, and handled after the repair', async () => {
    await signUp('Ana', 'BadBen', 'BadCleo');
    const [found] = await eventually(
      async () => {
        const listed = await client.call(groups, {}, { token });
        expect(listed).toMatchObject([{ consumerGroup: 'reputation.greeter', errorName: 'TypeError', events: 2 }]);
        return listed;
      },
      { timeoutMs: 30_000 },
    );
    const filter = { fingerprint: found?.fingerprint ?? '' };
    const page = await client.call(events, { filter, first: 1 }, { token });
    expect(page).toMatchObject({ hasNextPage: true, items: [{ node: { type: 'account.created', attempts: 0 } }] });
    const second = await client.call(events, { filter, first: 1, after: page.items[0]?.cursor }, { token });
    const ben = [...page.items, ...second.items].find(({ node }) => node.value?.includes('BadBen'))?.node;

    expect(await client.call(discard, { filter: { id: ben?.id }, dryRun: false }, { token })).toMatchObject({
      __typename: 'ParkedDiscard',
      events: 1,
    });
    isMended = true;
    expect(await client.call(replay, { filter, perSecond: 50, dryRun: false }, { token })).toMatchObject({ lines: 1 });
    await eventually(() => expect(handled).toEqual(['Ana', 'BadCleo']), { timeoutMs: 30_000 });
    // An event is taken out of the parked ones when its handler is through.
    await eventually(async () => expect(await client.call(groups, {}, { token })).toEqual([]), { timeoutMs: 30_000 });
  });

  test('a filter that names nothing is an invalid input', async () => {
    expect(await client.call(replay, { filter: {}, perSecond: 50, dryRun: false }, { token })).toMatchObject({
      __typename: 'InvalidInput',
    });
  });
});
