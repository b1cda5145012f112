import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { type BrokerUnderTest, targets } from './broker-under-test.js';
import { clientFeatures } from './clients.features.js';
import { kafkaToolFeatures } from './kafka-tools.features.js';

/** The real broker where there is one: `npm test` has shown the same on the embedded one. */
const lastTarget = targets.slice(-1);

describe.each(lastTarget)('clients that nobody here wrote: $name', ({ start }) => {
  let broker: BrokerUnderTest;
  const current = () => broker;

  beforeAll(async () => {
    broker = await start();
  });
  afterEach(() => broker.closeClients());
  afterAll(() => broker.stop());

  clientFeatures(current);
  kafkaToolFeatures(current);
});
