// npm run bench:redrive: how long 1,000 parked events take from `npm run events -- replay` to the last one handled, in the
// running product: once a line of its own for each event, once in 100 lines of ten. The events are those of a defect that
// has been fixed: valid, with an error of before, due in an hour.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import mongoose from 'mongoose';
import { StockSet, typeIds } from '../dist/libs/contracts/src/index.js';
import { encodeEvent } from '../dist/libs/messaging/src/index.js';
import { goal, row } from './support/figures.mjs';
import { Product } from './support/product.mjs';
import { PASSWORD, signUpAs } from './support/shop.mjs';

const EVENTS = 1_000;
const GOAL_SECONDS = 60;
const GROUP = 'order.catalog';
const APPS = join(import.meta.dirname, '../dist/apps');
const HOUR_MS = 3_600_000;

/** Runs a command-line tool as npm does. Resolves with what it printed; throws when it failed. */
async function tool(main, args, env) {
  const child = spawn(process.execPath, [join(APPS, main), ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`${main} ${args.join(' ')} ended with status ${status}: ${output}`);
  return output.trim();
}

/** As the parking lot keeps them; the first of each line has the error. */
function parked(lines) {
  const fingerprint = randomUUID().slice(0, 12);
  const ids = Array.from({ length: lines }, () => typeIds.next('variant'));
  const error = { name: 'TypeError', message: 'a defect that is fixed by now', fingerprint, stack: '' };
  const documents = Array.from({ length: EVENTS }, (_, offset) => {
    const variantId = ids[offset % lines];
    const { topic, value, headers } = encodeEvent(StockSet, {
      id: typeIds.next('event'),
      type: StockSet.type,
      source: '/catalog',
      subject: variantId,
      version: Math.floor(offset / lines) + 1,
      key: variantId,
      time: new Date().toISOString(),
      data: { ...StockSet.example, variantId, available: offset },
    });
    const failed = { error, failedAt: new Date(), nextAt: new Date(Date.now() + HOUR_MS) };
    const place = { group: GROUP, topic, partition: 0, offset, key: variantId };
    const message = { value, encoding: 'utf8', headers, parkedAt: new Date(), attempts: 0 };
    return {
      _id: `${GROUP}|${topic}|0|${fingerprint}-${offset}`,
      ...place,
      ...message,
      ...(offset < lines ? failed : {}),
    };
  });
  return { documents, fingerprint, ids };
}

async function redrive(database, env, lines) {
  const { documents, fingerprint, ids } = parked(lines);
  const lot = database.collection('parked');
  await lot.insertMany(documents);
  const filter = ['--service', 'order', '--group', GROUP, '--fingerprint', fingerprint];
  const startMs = performance.now();
  console.log(await tool('cli/src/events.main.js', ['replay', ...filter], env));
  while ((await lot.countDocuments({ group: GROUP })) > 0) await pause(100);
  const seconds = (performance.now() - startMs) / 1000;
  const copies = await database.collection('stock_copies').countDocuments({ _id: { $in: ids } });
  if (copies !== lines) throw new Error(`${copies} of ${lines} variants were told`);
  row(
    `${EVENTS} events in ${lines} lines`,
    `${seconds.toFixed(1)} s${goal(`< ${GOAL_SECONDS} s`, seconds < GOAL_SECONDS)}`,
  );
}

const product = await Product.start();
try {
  const email = 'on-call@example.com';
  await signUpAs(product.url, email);
  const env = { ...process.env, DATA_DIR: product.dataDir, GRAPEVINE_EMAIL: email, GRAPEVINE_PASSWORD: PASSWORD };
  await tool('identity/src/grant.main.js', ['platform', email], env);
  const client = await mongoose.mongo.MongoClient.connect(product.mongodbUri);
  for (const lines of [EVENTS, EVENTS / 10]) await redrive(client.db('order'), env, lines);
  await client.close();
} finally {
  await product.stop();
}
