import { setTimeout as pause } from 'node:timers/promises';
import { Controller, Module } from '@nestjs/common';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { z } from 'zod';
import {
  ClientMutationKey,
  defineCommand,
  defineQuery,
  IdempotencyConflict,
  InvalidInput,
  Jwks,
  resultOf,
  type AccountRole,
  type InputOf,
  type JsonWebKeySetView,
} from '#contracts';
import {
  currentRequest,
  Handles,
  OperationClient,
  ServiceConfig,
  tokenIssuer,
  type OperationContext,
  type ServiceDefinition,
} from '#service-kit';

/** A small service with an operation for everything that can happen to a call. */
export const Echo = defineQuery({
  name: 'catalog.echo',
  access: 'anyone',
  description: 'What it was given, and who gave it.',
  input: z.object({ text: z.string().max(10_000_000), afterMs: z.int().default(0) }),
  output: z.object({ text: z.string(), accountId: z.string().nullable(), traceparent: z.string(), leftMs: z.number() }),
});
export const Secret = defineQuery({
  name: 'catalog.secret',
  access: 'platform',
  description: 'For the platform role.',
  input: z.object({}),
  output: z.string(),
});
export const Break = defineQuery({
  name: 'catalog.break',
  access: 'anyone',
  description: 'A defect.',
  input: z.object({}),
  output: z.string(),
});
export const AskOther = defineQuery({
  name: 'order.askOther',
  access: 'signed-in',
  description: 'Asks the other service for the same caller.',
  input: z.object({}),
  output: Echo.output,
});
export const Add = defineCommand({
  name: 'catalog.add',
  access: 'signed-in',
  description: 'Counts.',
  input: z.object({ clientMutationKey: ClientMutationKey, amount: z.int().min(1, 'is less than 1') }),
  output: z.discriminatedUnion('__typename', [
    resultOf('Sum', z.object({ sum: z.int(), commandId: z.string() })),
    InvalidInput,
    IdempotencyConflict,
  ]),
});

@Controller()
class DeskController {
  private sum = 0;

  @Handles(Echo)
  async echo({ text, afterMs }: InputOf<typeof Echo>, { caller, deadlineAt }: OperationContext) {
    if (afterMs > 0) await pause(afterMs);
    const traceparent = currentRequest()?.traceparent ?? '';
    return { text, accountId: caller?.accountId ?? null, traceparent, leftMs: deadlineAt.getTime() - Date.now() };
  }

  @Handles(Secret)
  secret(): string {
    return 'secret';
  }

  @Handles(Break)
  break(): string {
    throw new TypeError('the inside of things');
  }

  @Handles(Add)
  async add({ amount }: InputOf<typeof Add>, { commandId }: OperationContext) {
    await pause(20);
    this.sum += amount;
    return { __typename: 'Sum' as const, sum: this.sum, commandId };
  }
}
@Module({ controllers: [DeskController] })
class DeskModule {}
export const desk: ServiceDefinition = { name: 'catalog', config: ServiceConfig, module: () => DeskModule };

@Controller()
class AskingController {
  constructor(private readonly client: OperationClient) {}

  @Handles(AskOther)
  askOther() {
    return this.client.call(Echo, { text: 'asked', afterMs: 0 });
  }
}
@Module({ controllers: [AskingController] })
class AskingModule {}
export const asking: ServiceDefinition = { name: 'order', config: ServiceConfig, module: () => AskingModule };

const keyPair = await generateKeyPair('ES256', { extractable: true });
const { kty = '', crv = '', x = '', y = '' } = await exportJWK(keyPair.publicKey);
const keySet: JsonWebKeySetView = { keys: [{ kid: 'one', kty, crv, x, y, alg: 'ES256', use: 'sig' }] };

@Controller()
class KeysController {
  @Handles(Jwks)
  jwks(): JsonWebKeySetView {
    return keySet;
  }
}
@Module({ controllers: [KeysController] })
class KeysModule {}
export const keys: ServiceDefinition = { name: 'identity', config: ServiceConfig, module: () => KeysModule };

export const ACCOUNT = 'account_01m84gm0f0f25a4d8x22mf2yaw';

/** A token as the identity service would sign it. */
export const tokenFor = (
  namespace: string,
  roles: AccountRole[] = ['customer'],
  accountId = ACCOUNT,
): Promise<string> =>
  new SignJWT({
    pid: 'profile_01m84gm0f0f25a4d8x22mf2yaw',
    sid: 'session_01m84gm0f0f25a4d8x22mf2yaw',
    roles,
    merchants: [],
  })
    .setProtectedHeader({ alg: 'ES256', kid: 'one' })
    .setSubject(accountId)
    .setIssuer(tokenIssuer(namespace))
    .setIssuedAt()
    .setExpirationTime('15m')
    .sign(keyPair.privateKey);
