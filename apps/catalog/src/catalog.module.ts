import { Module, type DynamicModule } from '@nestjs/common';
import { MessagingModule } from '#messaging';
import type { CatalogConfig } from './config.js';
import { MerchantController } from './merchant/merchant.controller.js';
import { MerchantRepository } from './merchant/merchant.repository.js';
import { MerchantStaff } from './merchant/merchant-staff.policy.js';
import { CreateProductHandler } from './product/create-product.handler.js';
import { ProductController } from './product/product.controller.js';
import { ProductViews } from './product/product.query.js';
import { ProductRepository } from './product/product.repository.js';
import { ProductSearchQuery } from './product/search-products.query.js';
import { UpdateProductHandler } from './product/update-product.handler.js';
import { HoldTimes } from './stock/hold-times.js';
import { MeetDemand } from './stock/meet-demand.handler.js';
import { OrderRecords } from './stock/order-record.projection.js';
import { StockController } from './stock/stock.controller.js';
import { StockRepository } from './stock/stock.repository.js';
import { SweepHolds } from './stock/sweep-holds.handler.js';
import { TakeCounts } from './stock/take-counts.handler.js';
import { lasting, reactions } from './subscriptions.js';

const aggregates = [MerchantRepository, ProductRepository, StockRepository];
const handlers = [CreateProductHandler, UpdateProductHandler, TakeCounts, MeetDemand, SweepHolds];

@Module({})
export class CatalogModule {
  static with({ sweepMs, forgetAfterMs }: CatalogConfig): DynamicModule {
    return {
      module: CatalogModule,
      imports: [MessagingModule.forService({ service: 'catalog', aggregates, reactions, lasting })],
      controllers: [MerchantController, ProductController, StockController],
      providers: [
        { provide: HoldTimes, useValue: new HoldTimes(sweepMs, forgetAfterMs) },
        ...aggregates,
        OrderRecords,
        MerchantStaff,
        ProductViews,
        ProductSearchQuery,
        ...handlers,
        ...reactions,
      ],
    };
  }
}
