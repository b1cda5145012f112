import { afterAll, afterEach, beforeAll, describe } from '@jest/globals';
import { administrationFeatures } from './administration.features.js';
import { brokerSettingFeatures } from './broker-settings.features.js';
import { type BrokerUnderTest, targets } from './broker-under-test.js';
import { fetchingFeatures } from './fetching.features.js';
import { groupingFeatures } from './grouping.features.js';
import { impatientClientFeatures } from './impatient-client.features.js';
import { inspectionFeatures } from './inspection.features.js';
import { laterVersionFeatures } from './later-versions.features.js';
import { newerApiFeatures } from './newer-apis.features.js';
import { producingFeatures } from './producing.features.js';

describe.each(targets)('Kafka protocol: $name', (target) => {
  let broker: BrokerUnderTest;
  const current = () => broker;

  beforeAll(async () => {
    broker = await target.start();
  });
  afterEach(() => broker.closeClients());
  afterAll(() => broker.stop());

  describe('producing', () => producingFeatures(current));
  describe('fetching', () => fetchingFeatures(current));
  describe('groups', () => groupingFeatures(current));
  describe('administration', () => administrationFeatures(current));
  describe('settings of the broker', () => brokerSettingFeatures(current));
  describe('impatient clients', () => impatientClientFeatures(current));
  describe('inspection', () => inspectionFeatures(current));
  describe('later versions', () => laterVersionFeatures(current));
  describe('newer APIs', () => newerApiFeatures(current));
});
