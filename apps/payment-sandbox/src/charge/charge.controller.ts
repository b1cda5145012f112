import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { Price } from '#contracts';
import { DuplicateKeyError } from '#persistence';
import type { EndpointStore } from '../callback/endpoint.store.js';
import { booksOf } from './books.query.js';
import { authorize, blocked, capture, isSilent, pass, refund, statementOf, voidIt } from './charge.js';
import type { Answer, AuthorizationRequest, Charge, Delays } from './charge.js';
import type { ChargeRepository } from './charge.repository.js';

const Text = z.string().min(1).max(300);
const Key = z.object({ 'idempotency-key': Text, 'callback-url': z.url().optional() });
const Authorization = z.object({
  orderId: Text,
  amount: Price,
  token: Text,
  respondBy: z.iso
    .datetime()
    .transform((time) => new Date(time))
    .optional(),
});
const OnCharge = z.object({ authorizationKey: Text, orderId: Text, amount: Price });

interface Parts {
  readonly charges: ChargeRepository;
  readonly endpoints: EndpointStore;
  readonly delays: Delays;
  /** Ends when the server does: nobody is kept waiting beyond it. */
  readonly closing: AbortSignal;
  now(): Date;
  /** Something may be due now. */
  wake(): void;
}

/** The provider's API. Each answer is the whole charge; the same idempotency key again has no second effect. */
export class ChargeController {
  constructor(private readonly parts: Parts) {}

  register(server: FastifyInstance): void {
    server.post('/authorizations', (request, reply) => this.authorize(request, reply));
    server.post('/captures', (request, reply) => this.act(request, reply, capture));
    server.post('/refunds', (request, reply) => this.act(request, reply, refund));
    server.post('/voids', (request, reply) =>
      this.act(request, reply, (id, charge, _key, at) => voidIt(id, charge, at)),
    );
    server.get('/authorizations', (request, reply) => this.find(request, reply));
    server.get('/books', async (request) => {
      const { orderId } = z.object({ orderId: Text.optional() }).parse(request.query);
      return booksOf(await this.parts.charges.books(orderId));
    });
  }

  private async authorize(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const headers = await this.headersOf(request);
    const id = headers['idempotency-key'];
    const wanted = { ...Authorization.parse(request.body), callbackUrl: headers['callback-url'] };
    const { charge, isNew } = await this.open(id, wanted);
    this.parts.wake();
    if (isNew && isSilent(wanted.token)) return this.keepWaiting(request, reply);
    if (!isNew && !isSameRequest(charge, wanted)) return problem(reply, 422, 'IDEMPOTENCY_KEY_REUSED', id, charge);
    return reply.code(isNew ? 201 : 200).send(statementOf(id, charge));
  }

  private async open(id: string, wanted: AuthorizationRequest): Promise<{ charge: Charge; isNew: boolean }> {
    const charge = authorize(id, wanted, this.parts.now(), this.parts.delays);
    try {
      await this.parts.charges.insert(id, charge, []);
      return { charge, isNew: true };
    } catch (error) {
      if (!(error instanceof DuplicateKeyError)) throw error;
      return { charge: (await this.current(id)) ?? charge, isNew: false };
    }
  }

  private async act(
    request: FastifyRequest,
    reply: FastifyReply,
    work: (id: string, charge: Charge, key: string, at: Date) => Answer,
  ): Promise<FastifyReply> {
    const { 'idempotency-key': key } = await this.headersOf(request);
    const { authorizationKey: id, orderId, amount } = OnCharge.parse(request.body);
    if (request.url.startsWith('/voids')) await this.block(id, blocked(orderId, amount));
    const { now, delays } = this.parts;
    const outcome = await this.parts.charges.mutate(id, (charge) => {
      const isAbout = charge.orderId === orderId && isSameAmount(charge, amount);
      if (!isAbout) return { result: { charge, problem: 'OTHER_ORDER_OR_AMOUNT' } as Answer };
      const answer = work(id, pass(id, charge, now(), delays), key, now());
      return { state: answer.charge, result: answer };
    });
    if (!outcome?.result) return reply.code(404).send({ code: 'NOT_FOUND', message: `There is no charge ${id}` });
    this.parts.wake();
    const answer = outcome.result;
    return answer.problem
      ? problem(reply, 409, answer.problem, id, answer.charge)
      : reply.code(200).send(statementOf(id, answer.charge));
  }

  private async block(id: string, charge: Charge): Promise<void> {
    if (await this.parts.charges.find(id)) return;
    await this.parts.charges.insert(id, charge, []).catch((error: unknown) => {
      if (!(error instanceof DuplicateKeyError)) throw error;
    });
  }

  private async find(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { key } = z.object({ key: Text }).parse(request.query);
    const { 'callback-url': url } = Key.partial().parse(request.headers);
    if (url !== undefined) await this.parts.endpoints.remember(url);
    const charge = await this.current(key);
    if (!charge) return reply.code(404).send({ code: 'NOT_FOUND', message: `There is no charge ${key}` });
    return reply.send(statementOf(key, charge));
  }

  /** The charge as it is at this moment. */
  private async current(id: string): Promise<Charge | undefined> {
    const { charges, now, delays } = this.parts;
    const outcome = await charges.mutate(id, (charge) => ({ state: pass(id, charge, now(), delays) }));
    return outcome?.stored.state;
  }

  private async headersOf(request: FastifyRequest): Promise<z.infer<typeof Key>> {
    const headers = Key.parse(request.headers);
    if (headers['callback-url'] !== undefined) await this.parts.endpoints.remember(headers['callback-url']);
    return headers;
  }

  /** As a provider does that has taken the request and is then not heard of. */
  private async keepWaiting(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const gone = new AbortController();
    request.socket.once('close', () => gone.abort());
    const signal = AbortSignal.any([gone.signal, this.parts.closing]);
    await pause(this.parts.delays.silenceMs, undefined, { signal }).catch(() => undefined);
    return reply.code(504).send({ code: 'TIMEOUT', message: 'No answer of the bank' });
  }
}

const isSameAmount = (charge: Charge, amount: Charge['amount']): boolean =>
  charge.amount.amountMinor === amount.amountMinor && charge.amount.currency === amount.currency;

/** A key that was blocked before it was used has no token. */
const isSameRequest = (charge: Charge, { orderId, amount, token }: AuthorizationRequest): boolean =>
  charge.orderId === orderId && isSameAmount(charge, amount) && (charge.token === '' || charge.token === token);

const problem = (reply: FastifyReply, status: number, code: string, id: string, charge: Charge): FastifyReply =>
  reply.code(status).send({ code, message: `The charge is ${charge.state}`, charge: statementOf(id, charge) });
