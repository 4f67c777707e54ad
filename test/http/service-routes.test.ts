import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSchemas } from './contract-check.ts';
import { type RunningService, startService } from './service.fixture.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.stop());

describe('routes that need no key', () => {
  it.each(['/health', '/ready', '/openapi.json', '/docs'])('%s answers 200 without one', async (path) => {
    expect((await service.call('GET', path, { key: null })).status).toBe(200);
    expect((await service.call('GET', path, { key: 'tg_test_wrong' })).status).toBe(200);
  });

  it('tell that the process is alive, and that each part of it works', async () => {
    expect((await service.call('GET', '/health')).json).toEqual({ status: 'ok' });
    const checks = { store: { ok: true }, queue: { ok: true }, backlog: { ok: true } };
    expect((await service.call('GET', '/ready')).json).toEqual({ ready: true, checks });
  });
});

describe('/openapi.json', () => {
  it('is what is committed', () => {
    const committed = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));
    expect(isDeepStrictEqual(service.document, committed), 'run: npm run openapi').toBe(true);
  });

  it('holds only schemas that are valid, and references that lead somewhere', () => {
    const compile = createSchemas(service.document);
    for (const schema of Object.values(service.document.components.schemas)) compile(schema);
    const references = JSON.stringify(service.document).matchAll(/"\$ref":"#\/components\/schemas\/(\w+)"/g);
    for (const [, name] of references)
      expect(service.document.components.schemas).toHaveProperty(name as string);
  });

  it('holds every route of the contract, and nothing else', () => {
    const routes = Object.entries(service.document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.sort()).toEqual(
      [
        'GET /docs',
        'GET /health',
        'GET /metrics',
        'GET /openapi.json',
        'GET /payments',
        'GET /payments/{payment_id}',
        'GET /payments/{payment_id}/history',
        'GET /payments/{payment_id}/refunds',
        'GET /payments/{payment_id}/refunds/{refund_id}',
        'GET /ready',
        'POST /callbacks/{connector}',
        'POST /payments',
        'POST /payments/{payment_id}/cancel',
        'POST /payments/{payment_id}/capture',
        'POST /payments/{payment_id}/refunds',
      ].sort(),
    );
  });
});

describe('/docs', () => {
  it('loads nothing from another host, and may run nothing', async () => {
    const { headers, text } = await service.call('GET', '/docs');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(text).not.toMatch(/(?:src|href)\s*=\s*["']?(?:https?:)?\/\//i);
    expect(text).not.toMatch(/@import|url\(|<script|<link|<iframe|<img/i);
  });
});

describe('/metrics', () => {
  it('is for callers on this machine, and counts what happened without naming anybody', async () => {
    await service.pay({ payment_id: 'named-1' });
    await service.call('GET', '/payments/named-2');
    const { status, text, headers } = await service.call('GET', '/metrics', { key: null });
    expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(text).toMatch(/^tollgate_payments_total\{status="completed"\} 1$/m);
    expect(text).toMatch(/_count\{route="\/payments\/\{payment_id\}",method="GET",status="404"\} 1$/m);
    for (const name of ['backlog', 'queue_age_seconds', 'dead_letters']) {
      expect(text).toMatch(new RegExp(`^tollgate_${name} \\d`, 'm'));
    }
    expect(text).not.toMatch(/named-|acme/);
  });

  it.each(['Forwarded', 'X-Forwarded-For', 'X-Forwarded-Host', 'X-Forwarded-Proto', 'X-Real-IP', 'Via'])(
    'is refused to whom a proxy lets in, told by %s',
    async (name) => {
      const answer = await service.call('GET', '/metrics', { headers: { [name]: '127.0.0.1' } });
      expect([answer.status, answer.json.code]).toEqual([403, 'insufficient_scope']);
    },
  );

  it('is refused behind a proxy to every key but one with the scope admin', async () => {
    const headers = { 'X-Forwarded-For': '' };
    const admin = await service.makeKey({ scopes: ['admin'] });
    expect((await service.call('GET', '/metrics', { headers, key: admin })).status).toBe(200);
    const revoked = await service.makeKey({ scopes: ['admin'], expiresAt: '2020-01-01T00:00:00.000Z' });
    for (const key of [null, service.key, revoked, 'nonsense']) {
      expect((await service.call('GET', '/metrics', { headers, key })).status).toBe(403);
    }
  });
});

describe('HEAD', () => {
  it.each(['/health', '/openapi.json', '/docs', '/metrics', '/payments', '/payments/none'])(
    'of %s has the status and headers of GET, and no body',
    async (path) => {
      const got = await service.call('GET', path);
      const { status, headers, text } = await service.call('HEAD', path);
      expect([status, headers['content-type'], text]).toEqual([got.status, got.headers['content-type'], '']);
    },
  );
});

describe('paths', () => {
  it.each([
    '/',
    '//',
    '/payments/',
    '//payments',
    '/payments//refunds',
    '/payments/p1/refunds/',
    '/payments/p1/refunds/r1/x',
    '/Payments',
    '/health/',
    '/docs/index.html',
    '/openapi.json.bak',
    '/openapixjson',
    '/.env',
    '/callbacks',
    '/payments/p1/history/1',
    '/payments%2Fp1',
  ])('%s is none of the contract: 404', async (path) => {
    const { status, json } = await service.call('GET', path);
    expect([status, json.code]).toEqual([404, 'not_found']);
  });

  it.each([
    '%',
    '%zz',
    '%00',
    '..%2f..%2fetc',
    '%e4',
    'a;b=c',
    'a:b',
    `x${'y'.repeat(2_000)}`,
    '%F0%9F%92%B3',
    "'--",
  ])('an id like %s is not there: 404', async (id) => {
    for (const rest of ['', '/history', '/refunds', '/refunds/r']) {
      expect((await service.call('GET', `/payments/${id}${rest}`)).json.code).toBe('not_found');
    }
    expect((await service.call('POST', `/payments/${id}/refunds`)).json.code).toBe('not_found');
  });

  it.each(['PUT', 'PATCH', 'DELETE', 'OPTIONS', 'TRACE', 'PROPFIND'])(
    '%s is refused where the path is known, with what is allowed',
    async (method) => {
      for (const path of [
        '/payments',
        '/payments/p1',
        '/payments/p1/refunds',
        '/health',
        '/callbacks/simulator',
      ]) {
        const { status, json } = await service.call(method, path, { key: null });
        expect([status, json.code]).toEqual([405, 'method_not_allowed']);
      }
      expect((await service.call(method, '/nowhere')).status).toBe(404);
    },
  );

  it('of GET are refused to POST, and the other way round', async () => {
    expect((await service.call('POST', '/payments/p1')).headers.allow).toBe('GET, HEAD');
    expect((await service.call('GET', '/payments/p1/capture')).headers.allow).toBe('POST');
    expect((await service.call('DELETE', '/payments')).headers.allow).toBe('POST, GET, HEAD');
  });

  it('take no query that is not theirs', async () => {
    for (const path of ['/payments/p1', '/health', '/payments/p1/history']) {
      const { json } = await service.call('GET', `${path}?x=1`);
      expect(json).toMatchObject({ code: 'invalid_request', errors: [{ pointer: '?x' }] });
    }
  });
});
