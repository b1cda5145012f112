import { Controller, Get, Head, Header, Inject, Param, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { RecordClick, ShareLinkByCode, type ShareLinkView } from '#contracts';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config.js';
import { ScopeFactory } from '../context/scope-factory.js';

/** Programs that look at a link without anybody having opened it. */
const BOT = /bot|crawl|spider|preview|slurp|facebookexternalhit|whatsapp|telegram|embedly|curl-preview/i;

/** No code is longer. */
const MAX_CODE = 64;

/** Where share links lead: GET /s/CODE counts a click and goes on to the product in the shop. */
@Controller('s')
export class ShareLinkController {
  constructor(
    @Inject(ScopeFactory) private readonly scopes: ScopeFactory,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  @Head(':code')
  @Header('cache-control', 'no-store')
  async look(@Param('code') code: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    this.lead(reply, await this.withoutClick(code, request));
  }

  @Get(':code')
  @Header('cache-control', 'no-store')
  async open(@Param('code') code: string, @Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const isClick = isPerson(request) && code.length <= MAX_CODE;
    const link = isClick
      ? await this.scopes.anonymous(request.ip).call(RecordClick, { code })
      : await this.withoutClick(code, request);
    this.lead(reply, link);
  }

  private async withoutClick(code: string, request: FastifyRequest): Promise<ShareLinkView | null> {
    if (code.length > MAX_CODE) return null;
    return this.scopes.anonymous(request.ip).call(ShareLinkByCode, { code });
  }

  private lead(reply: FastifyReply, link: ShareLinkView | null): void {
    if (!link) {
      const error = { message: 'There is no such share link', extensions: { code: 'NOT_FOUND' } };
      void reply.status(404).send({ errors: [error] });
      return;
    }
    const target = new URL(`${this.config.storefrontUrl}/products/${encodeURIComponent(link.productId)}`);
    target.searchParams.set('ref', link.code);
    void reply.status(302).header('location', target.href).send();
  }
}

/** Browsers fetch ahead, and chats look at links to show a preview: nobody has clicked then. */
function isPerson({ headers }: FastifyRequest): boolean {
  const purpose = String(headers['sec-purpose'] ?? headers['purpose'] ?? headers['x-moz'] ?? '');
  return !purpose.includes('prefetch') && !BOT.test(headers['user-agent'] ?? '');
}
