/** The only reader of the environment in these tests. */
const { KAFKA_BROKERS, CI } = process.env;

/** A real Kafka to hold the same suite against; empty when none is given. */
export const givenBrokers = (KAFKA_BROKERS ?? '').split(',').filter((broker) => broker !== '');
/** Where the independent clients must be there. */
export const isCi = CI === 'true';
