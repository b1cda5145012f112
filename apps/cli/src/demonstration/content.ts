/** What the demonstration shows. A change here needs a new version: the keys of its mutations are made from it. */
export const VERSION = 1;

export interface Person {
  /** Also the handle, and with the domain the email. */
  readonly key: string;
  readonly name: string;
  readonly bio: string;
  readonly follows: readonly string[];
}
export interface Shop {
  readonly handle: string;
  readonly name: string;
  readonly currency: string;
  readonly owner: string;
}
export interface DemoProduct {
  readonly key: string;
  readonly shop: string;
  readonly title: string;
  readonly description: string;
  readonly category: string;
  readonly tags: readonly string[];
  /** Values of the one option, with the price in minor units and the pieces on hand. */
  readonly option?: string;
  readonly variants: readonly (readonly [value: string, priceMinorUnits: number, onHand: number])[];
  readonly compareAtMinorUnits?: number;
}
export interface DemoPost {
  readonly key: string;
  readonly author: string;
  readonly text: string;
  readonly products: readonly string[];
  readonly comments: readonly (readonly [author: string, text: string])[];
  readonly reactions: readonly (readonly [person: string, kind: 'LIKE' | 'LOVE' | 'WANT'])[];
}
export interface DemoOrder {
  readonly key: string;
  readonly buyer: string;
  readonly product: string;
  /** Index of the variant. */
  readonly variant?: number;
  readonly quantity?: number;
  /** The post whose author's share link the buyer came through. */
  readonly through?: string;
  readonly ends: 'CONFIRMED' | 'SHIPPED' | 'DELIVERED' | 'CANCELLED';
  readonly review?: readonly [stars: number, text: string];
  readonly reply?: string;
}

export const PEOPLE: readonly Person[] = [
  { key: 'marta', name: 'Marta Lindqvist', bio: 'Builds lamps in Malmö.', follows: ['noor', 'theo'] },
  { key: 'jun', name: 'Jun Tanaka', bio: 'Potter. Kiln days are Thursdays.', follows: ['yuki', 'marta'] },
  { key: 'noor', name: 'Noor Haddad', bio: 'Small flats, good light.', follows: ['emil', 'sofia'] },
  { key: 'emil', name: 'Emil Novak', bio: 'Reads until three.', follows: ['noor', 'yuki'] },
  { key: 'sofia', name: 'Sofia Ribeiro', bio: 'Coffee, cups, more coffee.', follows: ['noor', 'jun'] },
  { key: 'kwame', name: 'Kwame Mensah', bio: 'Sets tables for a living.', follows: ['sofia', 'noor'] },
  { key: 'yuki', name: 'Yuki Sato', bio: 'Plants and what they stand in.', follows: ['noor', 'jun'] },
  { key: 'theo', name: 'Théo Garnier', bio: 'Repairs what others throw away.', follows: ['marta', 'noor'] },
];

export const SHOPS: readonly Shop[] = [
  { handle: 'halo-lamps', name: 'Halo Lamps', currency: 'EUR', owner: 'marta' },
  { handle: 'kiln-and-co', name: 'Kiln & Co', currency: 'JPY', owner: 'jun' },
];

const lamp = (
  key: string,
  title: string,
  description: string,
  tags: readonly string[],
  variants: DemoProduct['variants'],
  more: Partial<DemoProduct> = {},
): DemoProduct => ({ key, shop: 'halo-lamps', title, description, category: 'Lighting', tags, variants, ...more });
const pot = (
  key: string,
  title: string,
  description: string,
  tags: readonly string[],
  variants: DemoProduct['variants'],
  more: Partial<DemoProduct> = {},
): DemoProduct => ({ key, shop: 'kiln-and-co', title, description, category: 'Tableware', tags, variants, ...more });
const FINISH = { option: 'Finish' };
const GLAZE = { option: 'Glaze' };

export const PRODUCTS: readonly DemoProduct[] = [
  lamp(
    'arc-reading-lamp',
    'Arc reading lamp',
    'A brass arm that stays where you leave it; 2700 K.',
    ['reading', 'desk'],
    [
      ['Brass', 12_900, 14],
      ['Black', 11_900, 9],
    ],
    { ...FINISH, compareAtMinorUnits: 14_900 },
  ),
  lamp('dune-table-lamp', 'Dune table lamp', 'Hand-blown glass on an oak foot.', ['bedroom'], [['', 8_900, 6]]),
  lamp(
    'orbit-pendant',
    'Orbit pendant',
    'Three rings, one cable.',
    ['dining'],
    [
      ['Ø 40 cm', 21_900, 4],
      ['Ø 60 cm', 28_900, 2],
    ],
    { option: 'Size' },
  ),
  lamp('firefly-lantern', 'Firefly lantern', 'Rechargeable, for the balcony.', ['outdoor'], [['', 3_900, 40]]),
  lamp('ledge-wall-light', 'Ledge wall light', 'A shelf that glows.', ['hall', 'bedroom'], [['', 7_400, 11]]),
  lamp(
    'linen-shade',
    'Linen shade',
    'Fits Arc and Dune.',
    ['spare part'],
    [
      ['Natural', 2_900, 25],
      ['Moss', 2_900, 18],
    ],
    { option: 'Colour' },
  ),
  pot(
    'morning-cup',
    'Morning cup',
    'Holds 240 ml and the heat.',
    ['coffee'],
    [
      ['Ash', 3_200, 30],
      ['Celadon', 3_400, 12],
    ],
    GLAZE,
  ),
  pot('noodle-bowl', 'Noodle bowl', 'Deep, with a foot that stays cool.', ['dinner'], [['', 4_800, 16]]),
  pot('tea-for-two', 'Tea for two', 'A pot and two cups.', ['tea', 'gift'], [['', 12_800, 5]], {
    compareAtMinorUnits: 14_400,
  }),
  pot('salt-pig', 'Salt pig', 'Keeps salt dry beside the stove.', ['kitchen'], [['', 3_900, 8]]),
  pot(
    'moon-vase',
    'Moon vase',
    'No two are round in the same way.',
    ['flowers', 'gift'],
    [
      ['White', 9_800, 3],
      ['Iron', 9_800, 4],
    ],
    GLAZE,
  ),
  pot('planter-low', 'Low planter', 'With saucer, for succulents.', ['plants'], [['', 5_200, 10]]),
];

export const POSTS: readonly DemoPost[] = [
  {
    key: 'corner',
    author: 'noor',
    text: 'The reading corner is finished. The Arc lamp made the chair usable after dark.',
    products: ['arc-reading-lamp', 'linen-shade'],
    comments: [
      ['emil', 'Is it bright enough for small print?'],
      ['noor', 'For footnotes, even.'],
      ['theo', 'That joint can be re-tensioned, by the way: one Allen key.'],
    ],
    reactions: [
      ['emil', 'WANT'],
      ['sofia', 'LOVE'],
      ['theo', 'LIKE'],
    ],
  },
  {
    key: 'first-coffee',
    author: 'sofia',
    text: 'First coffee out of the celadon cup ☕ It is exactly one flat white deep.',
    products: ['morning-cup'],
    comments: [['kwame', 'The glaze pools beautifully at the rim.']],
    reactions: [
      ['kwame', 'LOVE'],
      ['yuki', 'WANT'],
    ],
  },
  {
    key: 'table-for-six',
    author: 'kwame',
    text: 'Six bowls, one pendant, no overhead light. Dinner was late and nobody minded.',
    products: ['noodle-bowl', 'orbit-pendant'],
    comments: [['sofia', 'I was there. Can confirm.']],
    reactions: [
      ['sofia', 'LOVE'],
      ['yuki', 'LIKE'],
    ],
  },
  {
    key: 'windowsill',
    author: 'yuki',
    text: 'Repotting day. The low planter drains well and the saucer does not tip.',
    products: ['planter-low', 'moon-vase'],
    comments: [['jun', 'Thank you for the photograph from below, nobody ever shows the foot.']],
    reactions: [
      ['jun', 'LOVE'],
      ['noor', 'LIKE'],
    ],
  },
  {
    key: 'balcony',
    author: 'emil',
    text: 'Chapter twelve, balcony, lantern. 23 °C at midnight.',
    products: ['firefly-lantern'],
    comments: [['noor', 'Jealous.']],
    reactions: [
      ['noor', 'WANT'],
      ['yuki', 'LIKE'],
    ],
  },
  {
    key: 'kiln-open',
    author: 'jun',
    text: 'Opened the kiln: the iron vases came out darker than last month. I like them better.',
    products: ['moon-vase'],
    comments: [],
    reactions: [
      ['yuki', 'WANT'],
      ['marta', 'LIKE'],
    ],
  },
];

export const ORDERS: readonly DemoOrder[] = [
  {
    key: 'emil-arc',
    buyer: 'emil',
    product: 'arc-reading-lamp',
    variant: 1,
    through: 'corner',
    ends: 'DELIVERED',
    review: [5, 'Bright enough for footnotes. The arm does not sag.'],
    reply: 'Footnotes were the test we built it for. Thank you, Emil!',
  },
  {
    key: 'theo-arc',
    buyer: 'theo',
    product: 'arc-reading-lamp',
    ends: 'DELIVERED',
    review: [4, 'Can be repaired with one tool. One star less for the glued felt.'],
    reply: 'The next batch has a screwed foot. You were right.',
  },
  {
    key: 'yuki-cup',
    buyer: 'yuki',
    product: 'morning-cup',
    variant: 1,
    quantity: 2,
    through: 'first-coffee',
    ends: 'DELIVERED',
    review: [5, 'The colour of a pond in April.'],
    reply: 'April is when we mixed it.',
  },
  {
    key: 'kwame-bowls',
    buyer: 'kwame',
    product: 'noodle-bowl',
    quantity: 6,
    ends: 'DELIVERED',
    review: [4, 'Five perfect ones and a wonky one, which is now mine.'],
  },
  { key: 'noor-lantern', buyer: 'noor', product: 'firefly-lantern', through: 'balcony', ends: 'SHIPPED' },
  {
    key: 'sofia-arc',
    buyer: 'sofia',
    product: 'arc-reading-lamp',
    through: 'corner',
    ends: 'DELIVERED',
    review: [5, 'Noor was right about the corner.'],
  },
  { key: 'sofia-tea', buyer: 'sofia', product: 'tea-for-two', ends: 'CONFIRMED' },
  { key: 'noor-vase', buyer: 'noor', product: 'moon-vase', ends: 'CANCELLED' },
];

/** The last act, after everything else: who finds this reply finds the whole demonstration. */
export const LAST_REPLY = { order: 'sofia-arc', text: 'Noor sold us three lamps this week. Thank you both.' };
