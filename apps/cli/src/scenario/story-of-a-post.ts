import {
  AccountCreated,
  Followed,
  MerchantCreated,
  PostPublished,
  ProductCreated,
  ProfileCreated,
  ShareLinkClicked,
  ShareLinkCreated,
  StockSet,
} from '#contracts';
import { ensureMerchant } from '../merchants.js';
import { CreatePost, CreateProduct, CreateShareLink, Follow } from '../mutations.js';
import { FindPeople } from './scenario-queries.js';
import { cardOf, LAMP_PRICE, LAMPS, NO_RATING, Story, type Lamp } from './story.js';
import type { Person, Stage } from './stage.js';

export interface Shared {
  readonly post: { readonly id: string; readonly text: string };
  /** Of Cleo's share link. */
  readonly code: string;
}

const REDIRECT = 302;
const NOT_FOUND = 404;

/** Ana, Ben and Cleo come in; Ana lists the lamp. */
export async function openStory(stage: Stage): Promise<Story> {
  const cast: Person[] = [];
  await stage.play.step('Ana, Ben and Cleo sign up', async (step) => {
    for (const name of ['Ana', 'Ben', 'Cleo']) cast.push(await stage.enter(name));
    step.causes([AccountCreated, cast.length], [ProfileCreated, cast.length]);
  });
  const [ana, ben, cleo] = cast;
  if (!ana || !ben || !cleo) throw new RangeError('the cast is not complete');
  const lamps: Lamp[] = [];
  await stage.play.step(`Ana's shop lists a lamp with ${LAMPS} in stock`, async (step) => {
    lamps.push(await listLamp(stage, ana));
    step.causes(MerchantCreated, ProductCreated, StockSet);
  });
  const [lamp] = lamps;
  if (!lamp) throw new RangeError('there is no lamp');
  return new Story(stage, ana, ben, cleo, lamp);
}

async function listLamp(stage: Stage, { client }: Person): Promise<Lamp> {
  const handle = `anas-lamps-${stage.run}`;
  const { id: merchantId } = await ensureMerchant(client, { handle, name: "Ana's lamps", currency: 'EUR' });
  const { id: productId, variants } = await client.mutate(CreateProduct, {
    clientMutationKey: stage.key('lamp'),
    merchantId,
    title: 'Desk lamp',
    variants: [{ sku: 'LAMP', price: LAMP_PRICE, onHand: LAMPS }],
  });
  stage.play.know(merchantId, productId);
  return { merchantId, productId, variantId: variants[0]?.id ?? '' };
}

/** Ben follows Cleo, who posts the lamp and shares it. */
export async function playPost(story: Story): Promise<Shared> {
  const { stage, ben, cleo } = story;
  await stage.play.step('Ben finds Cleo by name, and follows her', async (step) => {
    const name = `Cleo ${stage.run}`;
    const found = async () => (await ben.client.ask(FindPeople, { name })).profiles?.nodes;
    await step.eventually(`people called ${name}`, found, [{ id: cleo.profileId, handle: cleo.handle }]);
    const followed = await ben.client.mutate(Follow, {
      clientMutationKey: stage.key('follow-cleo'),
      profileId: cleo.profileId,
    });
    step.check('whom Ben follows', followed.handle, cleo.handle);
    step.causes(Followed);
  });
  const text = 'My evenings have a new light.';
  const post = { id: '', text };
  await stage.play.step(
    'Cleo posts the lamp; Ben finds it in his feed with live price and availability',
    async (step) => {
      const { productId, variantId } = story.lamp;
      const input = { clientMutationKey: stage.key('post'), text, productTags: [{ productId, variantId }] };
      post.id = (await cleo.client.mutate(CreatePost, input)).id;
      await step.eventually("the first card of Ben's feed", () => story.card(), cardOf(post, cleo, LAMPS, NO_RATING));
      step.say(`«${text}», EUR ${(LAMP_PRICE.amountMinor / 100).toFixed(2)}, ${LAMPS} available`);
      step.causes(PostPublished);
    },
  );
  return { post, code: await playShareLink(story, post.id) };
}

async function playShareLink({ stage, cleo, lamp: { productId } }: Story, postId: string): Promise<string> {
  let shared = '';
  await stage.play.step("Ben opens Cleo's share link, which leads to the shop", async (step) => {
    const input = { clientMutationKey: stage.key('share'), productId, postId };
    const { code } = await cleo.client.mutate(CreateShareLink, input);
    shared = code;
    const { status, location } = await open(`${stage.url}/s/${code}`);
    step.check(`GET /s/${code}`, status, REDIRECT);
    const target = `/products/${productId}?ref=${code}`;
    step.check('where it leads', location.slice(-target.length), target);
    step.check('an unknown code', (await open(`${stage.url}/s/nobodys-${stage.run}`)).status, NOT_FOUND);
    step.say(`GET /s/${code} → ${status} ${location}`);
    step.causes(ShareLinkCreated, ShareLinkClicked);
  });
  return shared;
}

async function open(link: string): Promise<{ status: number; location: string }> {
  const response = await fetch(link, { redirect: 'manual', signal: AbortSignal.timeout(10_000) });
  await response.arrayBuffer();
  return { status: response.status, location: response.headers.get('location') ?? '' };
}
