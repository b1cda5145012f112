import type { FastifyInstance } from 'fastify';

/**
 * Who opens the API's address in a browser comes to the page on which it can be tried, instead of reading that a request
 * was blocked as a forgery.
 */
export function leadBrowsers(server: FastifyInstance, from: string, to: string): void {
  server.addHook('onRequest', (request, reply, done) => {
    const isVisit = request.method === 'GET' && request.url === from;
    if (isVisit && request.headers.accept?.includes('text/html')) void reply.redirect(to, 302);
    else done();
  });
}
