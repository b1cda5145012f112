import { Controller } from '@nestjs/common';
import {
  CreateMerchant,
  MerchantByHandle,
  MerchantsByIds,
  MerchantsOfCaller,
  type InputOf,
  type OutputOf,
} from '#contracts';
import { DuplicateKeyError } from '#persistence';
import { Handles, type OperationContext } from '#service-kit';
import { openMerchant, toMerchantView } from './merchant.js';
import { MerchantRepository } from './merchant.repository.js';

@Controller()
export class MerchantController {
  constructor(private readonly merchants: MerchantRepository) {}

  @Handles(MerchantsByIds)
  async merchantsByIds({ ids }: InputOf<typeof MerchantsByIds>): Promise<OutputOf<typeof MerchantsByIds>> {
    return (await this.merchants.findMany(ids)).map(({ id, state }) => toMerchantView(id, state));
  }

  @Handles(MerchantByHandle)
  async merchantByHandle({ handle }: InputOf<typeof MerchantByHandle>): Promise<OutputOf<typeof MerchantByHandle>> {
    const merchant = await this.merchants.findByHandle(handle);
    return merchant ? toMerchantView(merchant.id, merchant.state) : null;
  }

  @Handles(MerchantsOfCaller)
  async merchantsOfCaller(
    _: InputOf<typeof MerchantsOfCaller>,
    { signedIn }: OperationContext,
  ): Promise<OutputOf<typeof MerchantsOfCaller>> {
    const [owned, granted] = await Promise.all([
      this.merchants.ofOwner(signedIn.accountId),
      signedIn.merchantIds.length > 0 ? this.merchants.findMany(signedIn.merchantIds) : [],
    ]);
    const views = [...owned, ...granted].map(({ id, state }) => toMerchantView(id, state));
    const byId = new Map(views.map((view) => [view.id, view]));
    return [...byId.values()].toSorted((left, right) => (left.id < right.id ? -1 : 1));
  }

  @Handles(CreateMerchant)
  async createMerchant(
    input: InputOf<typeof CreateMerchant>,
    context: OperationContext,
  ): Promise<OutputOf<typeof CreateMerchant>> {
    const id = context.newId('merchant');
    const { state, events } = openMerchant(id, input, context.accountId, context.at);
    try {
      const { stored } = await this.merchants.insert(id, state, events, { commandId: context.commandId });
      return { __typename: 'Merchant', ...toMerchantView(id, stored.state) };
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error;
      return {
        __typename: 'HandleTaken',
        code: 'HANDLE_TAKEN',
        message: `${input.handle} is another merchant's handle`,
      };
    }
  }
}
