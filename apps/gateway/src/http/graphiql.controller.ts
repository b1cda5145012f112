import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Controller, Get, NotFoundException, Param, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

const require = createRequire(import.meta.url);
const inPackage = (name: string, file: string): string => join(dirname(require.resolve(`${name}/package.json`)), file);
const here = (file: string): string => join(import.meta.dirname, 'graphiql', file);

const JAVASCRIPT = 'text/javascript; charset=utf-8';
const CSS = 'text/css; charset=utf-8';

/** Every file that the page loads. All come from here: nothing from elsewhere, also on a plane. */
const ASSETS: Readonly<Record<string, { file: string; type: string }>> = {
  'react.js': { file: inPackage('react', 'umd/react.production.min.js'), type: JAVASCRIPT },
  'react-dom.js': { file: inPackage('react-dom', 'umd/react-dom.production.min.js'), type: JAVASCRIPT },
  'graphiql.js': { file: inPackage('graphiql', 'graphiql.min.js'), type: JAVASCRIPT },
  'graphiql.css': { file: inPackage('graphiql', 'graphiql.min.css'), type: CSS },
  'page.js': { file: here('page.js'), type: JAVASCRIPT },
  'page.css': { file: here('page.css'), type: CSS },
};

/** GraphiQL's editor styles its lines inline; its fonts are inside its style sheet. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "font-src 'self' data:",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** GraphiQL, to try the API by hand. */
@Controller()
export class GraphiqlController {
  private readonly page = readFileSync(here('index.html'), 'utf8');
  private readonly loaded = new Map<string, Buffer>();

  @Get(['/', 'graphiql'])
  show(@Res() reply: FastifyReply): void {
    void reply
      .header('content-type', 'text/html; charset=utf-8')
      .header('content-security-policy', POLICY)
      .header('x-content-type-options', 'nosniff')
      .header('referrer-policy', 'no-referrer')
      .send(this.page);
  }

  @Get('graphiql/assets/:name')
  asset(@Param('name') name: string, @Res() reply: FastifyReply): void {
    const asset = Object.hasOwn(ASSETS, name) ? ASSETS[name] : undefined;
    if (!asset) throw new NotFoundException();
    let content = this.loaded.get(name);
    if (!content) this.loaded.set(name, (content = readFileSync(asset.file)));
    void reply
      .header('content-type', asset.type)
      .header('cache-control', 'public, max-age=3600')
      .header('x-content-type-options', 'nosniff')
      .send(content);
  }
}
