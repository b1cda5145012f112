import { Module, type DynamicModule, type Provider } from '@nestjs/common';
import { MessagingModule } from '#messaging';
import { LOGGER, type Logger } from '#service-kit';
import { CartController } from './cart/cart.controller.js';
import { CartRepository } from './cart/cart.repository.js';
import { ChangeLine } from './cart/change-line.handler.js';
import { CopiedOffers } from './catalog/copied-offers.query.js';
import { MerchantCopies } from './catalog/merchant-copy.projection.js';
import { Offers } from './catalog/offers.query.js';
import { Staff } from './catalog/staff.policy.js';
import { ProductCopies } from './catalog/product-copy.projection.js';
import { StockCopies } from './catalog/stock-copy.projection.js';
import { circuitOf, policyOf, type OrderConfig } from './config.js';
import { AdvanceOrder } from './order/advance-order.handler.js';
import { ChangeOrder } from './order/change-order.handler.js';
import { CheckoutTimes } from './order/checkout-times.js';
import { OrderChanges } from './order/order-changes.js';
import { OrderController } from './order/order.controller.js';
import { OrderRepository } from './order/order.repository.js';
import { PlaceOrderHandler } from './order/place-order.handler.js';
import { SweepDeadlines } from './order/sweep-deadlines.handler.js';
import { CallbackListener } from './payment/callback-listener.js';
import { CallbackRoute } from './payment/callback-route.js';
import { PaymentProvider } from './payment/payment.provider.js';
import { CircuitLimits, ProviderCalls } from './payment/provider-calls.js';
import { SandboxPaymentProvider } from './payment/sandbox-payment.provider.js';
import { lasting, projections, reactions } from './subscriptions.js';

/**
 * The saga calls the provider, and the provider's callbacks reach the saga: the route between them keeps that from
 * being a circle of constructors.
 */
const paymentProviders = (config: OrderConfig): Provider[] => [
  CallbackRoute,
  {
    provide: PaymentProvider,
    useFactory: (route: CallbackRoute) =>
      new SandboxPaymentProvider({
        url: config.paymentSandboxUrl,
        deadlineMs: config.paymentDeadlineMs,
        callbackUrl: () => route.url,
      }),
    inject: [CallbackRoute],
  },
  {
    provide: CallbackListener,
    useFactory: (advance: AdvanceOrder, route: CallbackRoute, logger: Logger) =>
      new CallbackListener({
        host: config.paymentCallbackHost,
        port: config.paymentCallbackPort,
        publicUrl: config.paymentCallbackUrl,
        secret: config.paymentSecret,
        route,
        logger,
        onTold: async (orderId, truth) => void (await advance.give(orderId, { kind: 'provider', truth })),
      }),
    inject: [AdvanceOrder, CallbackRoute, LOGGER],
  },
];

/** Carts, the checkout saga and its payments. */
@Module({})
export class OrderModule {
  static forService(config: OrderConfig): DynamicModule {
    return {
      module: OrderModule,
      imports: [
        MessagingModule.forService({
          service: 'order',
          aggregates: [OrderRepository, CartRepository],
          reactions,
          projections,
          lasting,
        }),
      ],
      controllers: [CartController, OrderController],
      providers: [
        CartRepository,
        OrderRepository,
        ProductCopies,
        StockCopies,
        MerchantCopies,
        CopiedOffers,
        Offers,
        Staff,
        ChangeLine,
        PlaceOrderHandler,
        ChangeOrder,
        ProviderCalls,
        AdvanceOrder,
        OrderChanges,
        SweepDeadlines,
        ...reactions,
        { provide: CheckoutTimes, useValue: new CheckoutTimes(policyOf(config), config.sweepMs) },
        { provide: CircuitLimits, useValue: new CircuitLimits(circuitOf(config)) },
        ...paymentProviders(config),
      ],
      exports: [OrderRepository, CartRepository, ...reactions],
    };
  }
}
