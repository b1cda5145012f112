import { Controller, Get, Header, Inject } from '@nestjs/common';
import { allEvents, asyncApiDocument } from '#contracts';
import { GATEWAY_CONFIG, type GatewayConfig } from '../config.js';

/** The events of all services, for whoever consumes them: AsyncAPI 3. */
@Controller('asyncapi.json')
export class EventDocumentationController {
  private readonly document: object;

  constructor(@Inject(GATEWAY_CONFIG) { kafkaBrokers, namespace }: GatewayConfig) {
    this.document = asyncApiDocument(allEvents, { host: kafkaBrokers[0] ?? '', namespace });
  }

  @Get()
  @Header('cache-control', 'public, max-age=300')
  read(): object {
    return this.document;
  }
}
