import { Controller } from '@nestjs/common';
import { MerchantRecords, type InputOf, type OutputOf } from '#contracts';
import { Handles } from '#service-kit';
import { averageOf, countOf, NO_STARS } from '../rating/rating.js';
import { MerchantRecordRepository, type MerchantRecord } from './merchant-record.repository.js';

const NOTHING_YET: MerchantRecord = { delivered: 0, cancelledByMerchant: 0, stars: NO_STARS };

@Controller()
export class MerchantRecordController {
  constructor(private readonly records: MerchantRecordRepository) {}

  @Handles(MerchantRecords)
  async merchantRecords({ ids }: InputOf<typeof MerchantRecords>): Promise<OutputOf<typeof MerchantRecords>> {
    const merchantIds = [...new Set(ids)];
    const records = new Map((await this.records.findMany(merchantIds)).map(({ id, state }) => [id, state]));
    return merchantIds.map((merchantId) => {
      const { delivered, cancelledByMerchant, stars } = records.get(merchantId) ?? NOTHING_YET;
      return {
        merchantId,
        ordersDelivered: delivered,
        ordersCancelledByMerchant: cancelledByMerchant,
        reviewCount: countOf(stars),
        averageStars: averageOf(stars),
      };
    });
  }
}
