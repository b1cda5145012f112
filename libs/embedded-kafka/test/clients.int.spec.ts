import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { type BrokerUnderTest, targets } from './broker-under-test.js';
import { clientFeatures } from './clients.features.js';
import { kafkaToolFeatures } from './kafka-tools.features.js';

describe.each(targets)('clients that nobody here wrote: $name', (target) => {
  let broker: BrokerUnderTest;
  const current = () => broker;

  beforeAll(async () => {
    broker = await target.start();
  });
  afterEach(() => broker.closeClients());
  afterAll(() => broker.stop());

  clientFeatures(current);
  kafkaToolFeatures(current);
});
