import { type Route, route } from '../route.ts';
import { noQuery } from '../schemas.ts';

/** The contract itself, for machines and for people. Both are made once, from the routes. */
export function contractRoutes(openapi: () => string, docs: () => string): Route[] {
  return [
    route({
      method: 'get',
      path: '/openapi.json',
      operationId: 'openapi',
      summary: 'This contract',
      scope: null,
      query: noQuery,
      answers: { 200: { description: 'OpenAPI 3.1' } },
      problems: [],
      handle: async () => ({ status: 200, text: openapi(), type: 'application/json' }),
    }),
    route({
      method: 'get',
      path: '/docs',
      operationId: 'docs',
      summary: 'This contract, for people',
      scope: null,
      query: noQuery,
      answers: {
        200: {
          description: 'A page that loads nothing from elsewhere',
          type: 'text/html',
          headers: { 'Content-Security-Policy': 'Nothing is loaded, run or framed' },
        },
      },
      problems: [],
      handle: async () => ({
        status: 200,
        text: docs(),
        type: 'text/html; charset=utf-8',
        headers: {
          'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'",
        },
      }),
    }),
  ];
}
