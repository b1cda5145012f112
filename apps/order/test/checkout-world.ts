import { money } from '#contracts';
import { CHECKOUT_POLICY } from '../src/order/order.policy.js';
import { decide, place, type Order, type OrderInput, type StockAnswer, type Surroundings } from '../src/order/order.js';
import { noPayment, type PaymentStep, type ProviderState, type ProviderTruth } from '../src/payment/payment.js';

export const START = new Date('2026-11-23T12:00:00.000Z');

/** With a place for every call, and the longest back-off. */
export const SURROUNDINGS: Surroundings = { policy: CHECKOUT_POLICY, takePlace: () => true, spread: 1 };

export const eur = (amountMinor: number) => money(amountMinor, 'EUR');

/** An order of one piece of each of some variants, 10.00 EUR each. */
export function anOrder(lineCount = 2): Order {
  const lines = Array.from({ length: lineCount }, (_, index) => ({
    id: `line-${index}`,
    variantId: `variant-${index}`,
    productId: `product-${index}`,
    title: 'Desk lamp',
    quantity: 1,
    unitPrice: eur(1000),
    lineTotal: eur(1000),
    stockVersion: 0,
  }));
  const total = eur(1000 * lineCount);
  const draft = {
    number: 'A',
    merchantId: 'merchant',
    buyerId: 'account',
    buyerProfileId: 'profile',
    cartId: 'cart',
    cartGeneration: 1,
    lines,
    subtotal: total,
    shipping: eur(0),
    tax: eur(0),
    total,
    shippingAddress: { name: 'Ben', line1: 'Street 1', city: 'Berlin', country: 'DE' },
    paymentToken: 'token',
    payment: noPayment('EUR'),
  };
  return place(draft, START, CHECKOUT_POLICY);
}

type Hold = 'none' | 'held' | 'sold' | 'back';
interface StockEvent {
  readonly version: number;
  readonly answer?: StockAnswer;
}

/** The provider's side, as it promises to behave: never back, each key once, a void of nothing blocks what comes late. */
class ModelProvider {
  state: ProviderState | undefined;
  captures = 0;
  refunds = 0;
  private decideAt = Infinity;
  private decision: ProviderState = 'AUTHORIZED';
  readonly said: ProviderTruth[] = [];

  constructor(
    private readonly total: number,
    private readonly plan: { readonly decision: 'AUTHORIZED' | 'DECLINED'; readonly afterMs: number },
  ) {}

  pass(at: Date): void {
    if (this.state === 'PENDING' && at.getTime() >= this.decideAt) this.say(this.decision);
  }

  truth(): ProviderTruth | undefined {
    if (!this.state) return undefined;
    const amounts = { captured: eur(this.captures * this.total), refunded: eur(this.refunds * this.total) };
    return { state: this.state, amount: eur(this.total), ...amounts };
  }

  handle(step: PaymentStep, at: Date): ProviderTruth | undefined {
    this.pass(at);
    if (step === 'authorize' && !this.state) this.authorise(at);
    if (step === 'void' && (!this.state || this.state === 'AUTHORIZED')) this.say('VOIDED');
    if (step === 'capture' && this.state === 'AUTHORIZED') {
      this.captures += 1;
      this.say('CAPTURED');
    }
    if (step === 'refund' && this.state === 'CAPTURED') {
      this.refunds += 1;
      this.say('REFUNDED');
    }
    return this.truth();
  }

  private authorise(at: Date): void {
    this.decision = this.plan.decision;
    this.decideAt = at.getTime() + this.plan.afterMs;
    this.say(this.plan.afterMs === 0 ? this.decision : 'PENDING');
  }

  private say(state: ProviderState): void {
    this.state = state;
    const truth = this.truth();
    if (truth) this.said.push(truth);
  }
}

/** One order among a catalog, a provider, a clock and everything that can go wrong between them. */
export class CheckoutWorld {
  order: Order;
  at = START;
  /** Whether there is a place for a call to the provider. */
  hasRoom = true;
  readonly provider: ModelProvider;
  readonly holds: Hold[];
  private readonly calls: PaymentStep[] = [];
  private readonly stockLog: StockEvent[][];
  private readonly delivered: number[];
  private readonly orderLog: string[] = ['PENDING'];
  private catalogRead = 0;

  constructor(
    private readonly setup: {
      readonly available: readonly boolean[];
      readonly decision: 'AUTHORIZED' | 'DECLINED';
      readonly decisionAfterMs: number;
    },
  ) {
    this.order = anOrder(setup.available.length);
    const { decision, decisionAfterMs: afterMs } = setup;
    this.provider = new ModelProvider(this.order.total.amountMinor, { decision, afterMs });
    this.holds = setup.available.map(() => 'none');
    this.stockLog = setup.available.map(() => []);
    this.delivered = setup.available.map(() => 0);
  }

  give(input: OrderInput): void {
    const surroundings = { ...SURROUNDINGS, takePlace: () => this.hasRoom };
    const { order, entered, call } = decide(this.order, input, this.at, surroundings);
    this.order = order;
    this.orderLog.push(...entered);
    if (call) this.calls.push(call);
  }

  pass(ms: number): void {
    this.at = new Date(this.at.getTime() + ms);
    this.provider.pass(this.at);
  }

  sweep(): void {
    const { nextActionAt, nextCallAt } = this.order;
    const isDue = [nextActionAt, this.hasRoom ? nextCallAt : undefined].some((time) => time && time <= this.at);
    if (isDue) this.give({ kind: 'clock' });
  }

  /** The catalog reads the next event of the order. */
  catalogReads(): void {
    const state = this.orderLog[this.catalogRead];
    if (state === undefined) return;
    this.catalogRead += 1;
    this.setup.available.forEach((isThere, line) => this.catalogActs(state, line, isThere));
  }

  private catalogActs(state: string, line: number, isThere: boolean): void {
    const hold = this.holds[line];
    if (state === 'PENDING') this.stock(line, isThere ? 'held' : 'none', isThere ? 'RESERVED' : 'REJECTED');
    if (state === 'CONFIRMED' && hold === 'held') this.stock(line, 'sold');
    if (state === 'CANCELLING' && hold === 'held') this.stock(line, 'back', 'RELEASED');
    if (state === 'CANCELLING' && hold === 'sold') this.stock(line, 'back', 'RESTOCKED');
  }

  /** The catalog's own sweeper ends reservations. */
  catalogExpires(): void {
    if (this.at < this.order.reserveUntil) return;
    this.holds.forEach((hold, line) => hold === 'held' && this.stock(line, 'back', 'RELEASED'));
  }

  private stock(line: number, hold: Hold, answer?: StockAnswer): void {
    this.holds[line] = hold;
    const log = this.stockLog[line] ?? [];
    log.push({ version: log.length + 1, ...(answer ? { answer } : {}) });
  }

  /** The next stock event of a line arrives, or with `back` an earlier one once more. */
  stockArrives(line: number, back = 0): void {
    const index = line % this.holds.length;
    const place = (this.delivered[index] ?? 0) - back;
    const found = this.stockLog[index]?.[place];
    if (!found) return;
    this.delivered[index] = Math.max(this.delivered[index] ?? 0, place + 1);
    const { answer, version } = found;
    if (answer) this.give({ kind: 'stock', variantId: `variant-${index}`, answer, version });
  }

  /** A call that is under way: its request or its answer may get lost. */
  callGoes(index: number, fate: 'answered' | 'request-lost' | 'answer-lost' | 'crashed' | 'late'): void {
    const [step] = this.calls.splice(index % Math.max(1, this.calls.length), 1);
    if (!step) return;
    if (fate === 'late') this.calls.push(step);
    if (fate === 'crashed') return;
    const truth = fate === 'request-lost' || fate === 'late' ? undefined : this.provider.handle(step, this.at);
    if (truth && fate === 'answered') this.give({ kind: 'provider', truth, answers: step });
    else this.give({ kind: 'unanswered', step });
  }

  /** The provider tells what it once said: perhaps again, perhaps late. */
  callback(index: number): void {
    const truth = this.provider.said[index % Math.max(1, this.provider.said.length)];
    if (truth) this.give({ kind: 'provider', truth });
  }

  /** Everything works again, for long enough. */
  heal(): void {
    this.hasRoom = true;
    for (let round = 0; round < 60; round++) {
      for (let index = 0; index < 5; index++) this.catalogReads();
      this.catalogExpires();
      this.holds.forEach((_, line) => [0, 1, 2, 3, 4].forEach(() => this.stockArrives(line)));
      while (this.calls.length > 0) this.callGoes(0, 'answered');
      this.pass(20_000);
      this.sweep();
    }
  }

  get allSold(): boolean {
    return this.holds.every((hold) => hold === 'sold');
  }
}
