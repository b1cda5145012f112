/** A query to paste into GraphiQL; it needs no sign-in and no variables. */
export interface SampleQuery {
  readonly title: string;
  readonly document: string;
}

export const sampleQueries = (productId: string, profileHandle: string): readonly SampleQuery[] => [
  {
    title: 'A search, with price, stock and rating',
    document: `{
  products(query: "lamp", first: 5) {
    nodes { id title merchant { name } priceFrom { amountMinor currency } variants { id available } rating { average count } }
  }
}`,
  },
  {
    title: 'A product page',
    document: `{
  product(id: "${productId}") {
    title description variants { options { name value } price { amountMinor currency } available }
    rating { average count distribution }
    reviews(first: 5) { nodes { stars text author { name } reply { text } } }
    posts(first: 5) { nodes { text author { handle } reactions { kind count } commentCount } }
  }
}`,
  },
  {
    title: 'A person with posts',
    document: `{
  profile(handle: "${profileHandle}") {
    name bio followerCount followingCount
    posts(first: 5) { nodes { text productTags { product { title } } comments(first: 3) { nodes { author { name } text } } } }
  }
}`,
  },
];
