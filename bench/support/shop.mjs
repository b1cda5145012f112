// People, a shop, and what they do, through the public API.
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';

export const PASSWORD = 'correct horse battery staple';
const PRICE = { amountMinor: 4900, currency: 'EUR' };
const ADDRESS = { name: 'Ben', line1: 'Lindenstr. 1', city: 'Berlin', postalCode: '10115', country: 'DE' };
const VARIANTS_OF_A_PRODUCT = 20;

const mutationOf = (name, fields) => {
  const input = `${name[0].toUpperCase()}${name.slice(1)}Input`;
  return `mutation($input: ${input}!) { result: ${name}(input: $input) { __typename ${fields} ... on UserError { code message } } }`;
};
const SIGN_UP = mutationOf('signUp', '... on Session { accessToken }');
const OPEN_SHOP = mutationOf('createMerchant', '... on Merchant { id }');
const LIST = mutationOf('createProduct', '... on Product { id variants { id } }');
const FILL = mutationOf('setCartLine', '... on Cart { id }');
const PLACE = mutationOf('placeOrder', '... on Order { id state }');

export class Client {
  constructor(url) {
    this.url = new URL('/graphql', url);
    this.agent = new Agent({ keepAlive: true, maxSockets: 256 });
  }

  async run(query, input, token) {
    const { data, errors } = await this.post(JSON.stringify({ query, variables: { input } }), token);
    if (errors || data.result.code) throw new Error(JSON.stringify(errors ?? data.result));
    return data.result;
  }

  post(body, token) {
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      ...(token ? { authorization: `Bearer ${token}` } : {}),
    };
    return new Promise((resolve, reject) => {
      const asked = request(this.url, { method: 'POST', agent: this.agent, headers }, (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString())));
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  close() {
    this.agent.destroy();
  }
}

/** A shop with stock that does not run out, and people who buy there. */
export class Shop {
  static async open(url, { buyers, variants }) {
    const client = new Client(url);
    const owner = await signUp(client);
    const name = `bench-${randomUUID().slice(0, 8)}`;
    const merchant = await client.run(OPEN_SHOP, { name, handle: name, currency: 'EUR' }, owner);
    const variantIds = [];
    while (variantIds.length < variants) {
      const listed = Array.from({ length: VARIANTS_OF_A_PRODUCT }, (_, index) => ({
        price: PRICE,
        onHand: 1_000_000,
        options: [{ name: 'Size', value: String(index) }],
      }));
      const input = { merchantId: merchant.id, title: `Lamp ${variantIds.length}`, variants: listed };
      const product = await client.run(LIST, input, owner);
      variantIds.push(...product.variants.map(({ id }) => id));
    }
    const tokens = [];
    for (let left = buyers; left > 0; left -= 4)
      tokens.push(...(await Promise.all([1, 2, 3, 4].map(() => signUp(client)))));
    return new Shop(client, variantIds.slice(0, variants), tokens);
  }

  constructor(client, variantIds, tokens) {
    this.client = client;
    this.variantIds = variantIds;
    this.free = tokens;
    this.placed = 0;
  }

  /** One checkout as a buyer makes it: a piece into the cart, and the order. Resolves with its id, long before it is a sale. */
  async checkOut() {
    const token = this.free.shift();
    if (token === undefined) throw new Error('all buyers are busy: more are needed for such a rate');
    const variantId = this.variantIds[this.placed++ % this.variantIds.length];
    try {
      const { id: cartId } = await this.client.run(FILL, { variantId, quantity: 1 }, token);
      const input = { clientMutationKey: randomUUID(), cartId, shippingAddress: ADDRESS, paymentToken: 'tok_approve' };
      return (await this.client.run(PLACE, input, token)).id;
    } finally {
      this.free.push(token);
    }
  }

  close() {
    this.client.close();
  }
}

/** Makes an account. */
export async function signUpAs(url, email) {
  const client = new Client(url);
  await client.run(SIGN_UP, { email, password: PASSWORD, name: 'Ann', handle: `o${Date.now()}` });
  client.close();
}

async function signUp(client) {
  const handle = `b${randomUUID().replaceAll('-', '').slice(0, 16)}`;
  const input = { email: `${handle}@example.com`, password: PASSWORD, name: 'Ben', handle };
  return (await client.run(SIGN_UP, input)).accessToken;
}
