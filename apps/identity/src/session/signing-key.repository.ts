import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { exportJWK, generateKeyPair } from 'jose';
import type { Connection } from 'mongoose';
import { typeIds } from '#contracts';
import { DocumentCollection, InjectDatabase } from '#persistence';
import { Clock, LOGGER, SERVICE_CONFIG, TOKEN_ALGORITHM, type Logger } from '#service-kit';
import type { IdentityConfig } from '../config.js';
import { isRotationDue, type SigningKey } from './signing-key.js';

interface SigningKeyDocument extends Omit<SigningKey, 'kid'> {
  _id: string;
}

const LOOK_EVERY_MS = 60 * 60_000;
const DAY_MS = 24 * 60 * 60_000;

/** The deployment's keys: made at its first start, and a new one whenever the newest is old. */
@Injectable()
export class SigningKeyRepository
  extends DocumentCollection<SigningKeyDocument>
  implements OnApplicationBootstrap, OnModuleDestroy
{
  private timer?: NodeJS.Timeout;

  constructor(
    @InjectDatabase() connection: Connection,
    private readonly clock: Clock,
    @Inject(SERVICE_CONFIG) private readonly config: IdentityConfig,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {
    super(connection, { name: 'signing-keys', indexes: [[{ createdAt: -1 }]] });
  }

  async onApplicationBootstrap(): Promise<void> {
    await this.rotateWhenDue();
    this.timer = setInterval(() => {
      this.rotateWhenDue().catch((error: unknown) => this.logger.warn({ err: error }, 'no new signing key yet'));
    }, LOOK_EVERY_MS);
    this.timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  /** The newest ones: more than were ever good at one time. */
  async all(): Promise<SigningKey[]> {
    const documents = await this.model.find().sort({ createdAt: -1 }).limit(20).lean<SigningKeyDocument[]>().exec();
    return documents.map(({ _id, ...key }) => ({ kid: _id, ...key }));
  }

  /** Two instances may make one each at the same moment: both keys are good then. */
  async rotateWhenDue(): Promise<void> {
    const now = this.clock.now();
    if (!isRotationDue(await this.all(), now, this.config.rotateKeysAfterDays * DAY_MS)) return;
    const kid = typeIds.next('request').slice('request_'.length);
    const { privateKey, publicKey } = await generateKeyPair(TOKEN_ALGORITHM, { extractable: true });
    const { kty = '', crv = '', x = '', y = '' } = await exportJWK(publicKey);
    const publicJwk = { kid, kty, crv, x, y, alg: TOKEN_ALGORITHM, use: 'sig' };
    await this.model.create({ _id: kid, createdAt: now, publicJwk, privateJwk: { ...(await exportJWK(privateKey)) } });
  }
}
