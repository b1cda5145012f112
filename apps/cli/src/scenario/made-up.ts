import type { OrderSeed } from './order-seeds.js';
import type { SocialGraph } from './social-graph.js';

/** Where the real data is missing: the same kinds of things, made up. */
export const MADE_UP_EXPORTS: Readonly<Record<string, string>> = {
  garden: `Handle,Title,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src
trowel,Trowel,tools,Title,Default Title,GT-1,40,14.50,https://picsum.photos/seed/trowel/800
gloves,Gloves,"tools, textile",Size,S,GG-S,25,9.00,https://picsum.photos/seed/gloves/800
gloves,,,,M,GG-M,25,9.00,
gloves,,,,L,,-1,9.00,
watering-can,Watering can,tools,Title,Default Title,GW-1,12,32.00,https://picsum.photos/seed/can/800
`,
  pantry: `Handle,Title,Tags,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price,Image Src
olive-oil,Olive oil,oil,Volume,500 ml,PO-5,60,12.90,https://picsum.photos/seed/oil/800
olive-oil,,,,1 l,PO-10,30,22.90,
sea-salt,Sea salt,spice,Title,Default Title,PS-1,90,4.20,https://picsum.photos/seed/salt/800
`,
};

/** A ring in which everybody knows the next two. */
export function madeUpGraph(people: number): SocialGraph {
  const follows = Array.from({ length: people }, (_, person) =>
    [1, 2].map((step) => [person, (person + step) % people] as const),
  );
  return { people, follows: follows.flat().filter(([follower, followee]) => follower !== followee) };
}

const ENDINGS = ['DELIVERED', 'DELIVERED', 'DELIVERED', 'SHIPPED', 'CANCELLED_BY_BUYER', 'DELIVERED'] as const;

export const madeUpOrders = (count: number): OrderSeed[] =>
  Array.from({ length: count }, (_, index) => ({
    customer: `customer ${index % 7}`,
    items: [
      { product: `product ${index % 5}`, quantity: 1 + (index % 2) },
      ...(index % 3 === 0 ? [{ product: `product ${(index + 1) % 5}`, quantity: 1 }] : []),
    ],
    ending: ENDINGS[index % ENDINGS.length] ?? 'DELIVERED',
    stars: 1 + ((index * 3) % 5),
  }));
