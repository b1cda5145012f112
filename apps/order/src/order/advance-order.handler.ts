import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { OrderStatus } from '#contracts';
import type { Outcome, Stored, WriteOptions } from '#persistence';
import { Clock, LOGGER, type Logger } from '#service-kit';
import type { PaymentStep, ProviderTruth } from '../payment/payment.js';
import { PaymentProvider, UnansweredError } from '../payment/payment.provider.js';
import { ProviderCalls, type Place } from '../payment/provider-calls.js';
import { CheckoutTimes } from './checkout-times.js';
import { decide, type Order, type OrderInput } from './order.js';
import { OrderRepository } from './order.repository.js';
import { eventsOf } from './order.view.js';

interface Given {
  /** The order can't do that: the state that it is in. */
  readonly refused?: OrderStatus;
  readonly call?: PaymentStep;
}

/**
 * Gives an input to an order's saga, stores what it leads to, and makes the call to the provider that was written down
 * with it. The call runs beside: its answer is the saga's next input. A call that is lost with the process, or for which
 * there was no place, is made when the sweeper finds it overdue.
 */
@Injectable()
export class AdvanceOrder implements BeforeApplicationShutdown {
  private readonly calls = new Set<Promise<void>>();

  constructor(
    private readonly orders: OrderRepository,
    private readonly provider: PaymentProvider,
    private readonly providerCalls: ProviderCalls,
    private readonly times: CheckoutTimes,
    private readonly clock: Clock,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /**
   * Null when there is no such order.
   * @param of its id, or the order as it was stored a moment ago.
   */
  async give(
    of: string | Stored<Order>,
    input: OrderInput,
    options: WriteOptions = {},
  ): Promise<Outcome<Order, Given> | null> {
    const id = typeof of === 'string' ? of : of.id;
    const place = this.providerCalls.place();
    let isCalling = false;
    try {
      const outcome = await this.orders.mutate<Given>(of, (order) => this.decide(id, order, input, place), options);
      const call = outcome?.result?.call;
      isCalling = call !== undefined;
      if (outcome && call) this.start(call, outcome.stored, place);
      return outcome;
    } finally {
      // Another was faster, or it was not stored: the place was taken for nothing.
      if (!isCalling) place.leave('not-made');
    }
  }

  /** Lets the calls under way end, and those that their answers lead to, so that what they say is stored. */
  async beforeApplicationShutdown(): Promise<void> {
    while (this.calls.size > 0) await Promise.allSettled(this.calls);
  }

  private decide(id: string, order: Order, input: OrderInput, place: Place) {
    const { policy } = this.times;
    const surroundings = { policy, takePlace: () => place.take(), spread: Math.random() };
    const decided = decide(order, input, this.clock.now(), surroundings);
    const result: Given = {
      ...(decided.refused ? { refused: order.state } : {}),
      ...(decided.call ? { call: decided.call } : {}),
    };
    return { state: decided.order, events: eventsOf(id, decided), result };
  }

  private start(step: PaymentStep, order: Stored<Order>, place: Place): void {
    const call = this.call(step, order, place).catch((error: unknown) => {
      this.logger.error({ err: error, orderId: order.id, step }, 'the answer of the payment provider was not stored');
    });
    this.calls.add(call);
    void call.finally(() => this.calls.delete(call));
  }

  private async call(step: PaymentStep, order: Stored<Order>, place: Place): Promise<void> {
    let isHeard = true;
    const truth = await this.perform(step, order)
      .catch((error: unknown) => {
        if (!(error instanceof UnansweredError)) throw error;
        isHeard = error.isHeard;
        this.logger.info({ err: error, orderId: order.id, step }, 'the outcome of a payment is uncertain');
      })
      .finally(() => place.leave(isHeard ? 'answered' : 'unanswered'));
    await this.give(order, truth ? { kind: 'provider', truth, answers: step } : { kind: 'unanswered', step });
  }

  private async perform(step: PaymentStep, { id: orderId, state: order }: Stored<Order>): Promise<ProviderTruth> {
    const request = { orderId, amount: order.total };
    if (step !== 'authorize') return this.provider[step](request);
    const isRepeated = (order.payment.intents.authorize?.attempts ?? 0) > 0;
    const known = isRepeated ? await this.provider.find(orderId) : null;
    const respondBy = order.payBy ?? order.reserveUntil;
    return known ?? this.provider.authorize({ ...request, token: order.paymentToken, respondBy });
  }
}
