import { describe, expect, test } from '@jest/globals';
import { bannerOf, withDatabase, type BannerFacts } from './banner.js';

const facts: BannerFacts = {
  url: 'http://127.0.0.1:4000',
  kafkaBrokers: '127.0.0.1:9092',
  mongodbUri: 'mongodb://127.0.0.1:27017/',
  namespace: 'shop-',
  paymentSandboxUrl: 'http://127.0.0.1:4110',
  logFile: '/data/grapevine.log',
  dataDir: '/data',
  notices: ['Embedded broker: not for production.'],
  demonstration: {
    signIns: [{ role: 'owns Halo Lamps', email: 'marta@demo.example', password: 'secret' }],
    samples: [{ title: 'Products', document: '{ products { nodes { title } } }' }],
  },
  startedInMs: 4_321,
};

describe('the banner', () => {
  test('tells where everything is, with lines to copy', () => {
    const lines = bannerOf(facts)
      .split('\n')
      .map((line) => line.trim());
    expect(lines[0]).toBe('Grapevine is up, after 4.3 s.');
    expect(lines).toContain('GraphQL   http://127.0.0.1:4000/graphql');
    expect(lines).toContain(
      String.raw`kcat -b 127.0.0.1:9092 -C -t shop-order.order.v1 -o beginning -f '%T %k %h\n%s\n'`,
    );
    expect(lines).toContain('mongosh "mongodb://127.0.0.1:27017/shop-catalog"');
    expect(lines).toContain('marta@demo.example  secret  owns Halo Lamps');
    expect(lines).toContain('{ products { nodes { title } } }');
    expect(lines).toContain('Embedded broker: not for production.');
  });

  test('leaves out what is not there', () => {
    const text = bannerOf({ ...facts, demonstration: undefined, notices: [] });
    expect(text).not.toMatch(/Sign in|paste|production/);
    expect(text).not.toContain('\n\n\n');
  });
});

test.each([
  ['mongodb://a:1', 'mongodb://a:1/orders'],
  ['mongodb://a:1/', 'mongodb://a:1/orders'],
  ['mongodb://u:p@a:1,b:2/admin?replicaSet=r', 'mongodb://u:p@a:1,b:2/orders?replicaSet=r'],
  ['mongodb+srv://cluster.example?w=1', 'mongodb+srv://cluster.example/orders?w=1'],
])('the address of a database on %s', (uri, expected) => {
  expect(withDatabase(uri, 'orders')).toBe(expected);
});
