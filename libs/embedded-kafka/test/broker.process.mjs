// A broker in a process of its own, for tests that kill it: node broker.process.mjs START_MODULE DATA_DIR
const [module, dataDir] = process.argv.slice(2);
const { startEmbeddedKafka } = await import(module);
const { brokers } = await startEmbeddedKafka({ dataDir });
console.log(brokers);
