import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type { FakeServices } from './fake-services.js';
import { LAMP, storyServices } from './story-services.js';
import { aGateway, type TestGateway } from './test-gateway.js';

let services: FakeServices;
let gateway: TestGateway;
beforeEach(async () => {
  services = storyServices();
  gateway = await aGateway(services);
});
afterEach(() => gateway.close());

const get = (path: string, init: RequestInit = {}) => fetch(`${gateway.url}${path}`, { redirect: 'manual', ...init });

describe('a share link', () => {
  test('counts a click and leads to the product in the shop', async () => {
    const response = await get('/s/k3x9');

    expect(response.status).toBe(302);
    expect(response.headers.get('location')).toBe(`https://shop.example/products/${LAMP}?ref=k3x9`);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(services.counts).toEqual({ 'social-feed.recordClick': 1 });
  });

  test.each<[string, RequestInit]>([
    ['HEAD', { method: 'HEAD' }],
    ['a crawler', { headers: { 'user-agent': 'Googlebot/2.1' } }],
    ['a browser that fetches ahead', { headers: { 'sec-purpose': 'prefetch;prerender' } }],
  ])('is not clicked by %s', async (_, init) => {
    const response = await get('/s/k3x9', init);

    expect(response.status).toBe(302);
    expect(services.counts).toEqual({ 'social-feed.shareLinkByCode': 1 });
  });

  test.each(['nothing', '%F0%9F%92%A1', '..%2F..', 'x'.repeat(90)])('of the code «%s» is a 404', async (code) => {
    const response = await get(`/s/${code}`);

    expect(response.status).toBe(404);
  });

  test('is a 503 while social-feed is away', async () => {
    services.stop('social-feed');

    const response = await get('/s/k3x9');

    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] });
  });

  test('has its address in the API', async () => {
    const { body } = await gateway.post('{ shareLink(code: "k3x9") { url clicks product { title } } }');

    expect(body.data).toEqual({ shareLink: { url: `${gateway.url}/s/k3x9`, clicks: 0, product: { title: 'lamp' } } });
  });
});

describe('/healthz', () => {
  test('says which services answer', async () => {
    services.stop('catalog');
    services.hang('order');

    const response = await get('/healthz');

    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      status: 'degraded',
      services: { catalog: 'down', order: 'down', 'social-feed': 'down' },
    });
  });
});

describe('GraphiQL', () => {
  test.each(['/', '/graphiql'])('is a page at %s that loads local files only', async (path) => {
    const response = await get(path);
    const page = await response.text();

    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'");
    const files = [...page.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, file]) => file ?? '');
    expect(files.length).toBeGreaterThan(5);
    for (const file of files.filter((one) => one !== 'data:,')) {
      expect(file).toMatch(/^\/graphiql\/assets\/[a-z.-]+$/);
      const asset = await get(file);
      expect(asset.status).toBe(200);
      expect(asset.headers.get('content-type')).toMatch(/^text\/(javascript|css)/);
      await asset.text();
    }
  });

  test("is where a browser is led that opens the API's address; a program is not", async () => {
    const visit = await fetch(`${gateway.url}/graphql`, {
      headers: { accept: 'text/html,*/*;q=0.8' },
      redirect: 'manual',
    });
    const query = await fetch(`${gateway.url}/graphql?query={__typename}`, {
      headers: { accept: 'application/json, text/html', 'apollo-require-preflight': 'yes' },
    });

    expect([visit.status, visit.headers.get('location')]).toEqual([302, '/graphiql']);
    expect(await query.json()).toEqual({ data: { __typename: 'Query' } });
  });

  test.each([
    '/graphiql/assets/main.ts',
    '/graphiql/assets/constructor',
    '/graphiql/assets/..%2Findex.html',
    '/nothing',
  ])('%s is a 404 with a typed error', async (path) => {
    const response = await get(path);

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'BAD_USER_INPUT' } }] });
  });
});

describe('closing', () => {
  test('refuses new connections and may be asked for twice', async () => {
    await Promise.all([gateway.close(), gateway.close()]);

    await expect(get('/healthz')).rejects.toThrow();
  });
});
