import { Controller } from '@nestjs/common';
import {
  CountProducts,
  CreateProduct,
  ProductsByIds,
  SearchProducts,
  UpdateProduct,
  UpdateVariant,
  VariantsByIds,
  type InputOf,
  type OutputOf,
} from '#contracts';
import { Handles, type OperationContext } from '#service-kit';
import { CreateProductHandler } from './create-product.handler.js';
import { ProductViews } from './product.query.js';
import { ProductSearchQuery } from './search-products.query.js';
import { UpdateProductHandler } from './update-product.handler.js';

@Controller()
export class ProductController {
  constructor(
    private readonly views: ProductViews,
    private readonly searching: ProductSearchQuery,
    private readonly creating: CreateProductHandler,
    private readonly updating: UpdateProductHandler,
  ) {}

  @Handles(ProductsByIds)
  productsByIds(
    { ids }: InputOf<typeof ProductsByIds>,
    { caller }: OperationContext,
  ): Promise<OutputOf<typeof ProductsByIds>> {
    return this.views.byIds(ids, caller);
  }

  @Handles(VariantsByIds)
  variantsByIds(
    { ids }: InputOf<typeof VariantsByIds>,
    { caller }: OperationContext,
  ): Promise<OutputOf<typeof VariantsByIds>> {
    return this.views.variantsByIds(ids, caller);
  }

  @Handles(SearchProducts)
  searchProducts(input: InputOf<typeof SearchProducts>): Promise<OutputOf<typeof SearchProducts>> {
    return this.searching.run(input);
  }

  @Handles(CountProducts)
  countProducts(input: InputOf<typeof CountProducts>): Promise<OutputOf<typeof CountProducts>> {
    return this.searching.count(input);
  }

  @Handles(CreateProduct)
  createProduct(
    input: InputOf<typeof CreateProduct>,
    context: OperationContext,
  ): Promise<OutputOf<typeof CreateProduct>> {
    return this.creating.run(input, context);
  }

  @Handles(UpdateProduct)
  updateProduct(
    input: InputOf<typeof UpdateProduct>,
    context: OperationContext,
  ): Promise<OutputOf<typeof UpdateProduct>> {
    return this.updating.update(input, context);
  }

  @Handles(UpdateVariant)
  updateVariant(
    input: InputOf<typeof UpdateVariant>,
    context: OperationContext,
  ): Promise<OutputOf<typeof UpdateVariant>> {
    return this.updating.updateVariant(input, context);
  }
}
