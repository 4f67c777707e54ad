import type { Exchange, Request } from '../exchange.ts';
import { answered, anything } from '../expect.ts';
import { keyed } from '../plan.ts';
import type { Draw, Kind } from './kind.ts';

/** Paths that are not what they look like; what each must be answered with is the document's word. */
const PATHS: readonly string[] = [
  '/',
  '//',
  '/payments/',
  '//payments',
  '/payments//capture',
  '/payments/./',
  '/payments/../health',
  '/payments/..%2f..%2fhealth',
  '/payments/%2e%2e/%2e%2e/etc/passwd',
  '/payments/%00',
  '/payments/a%00b/capture',
  '/payments/%',
  '/payments/%zz',
  '/payments/%c0%af',
  '/payments/%ff%fe',
  '/payments/%ed%a0%80',
  '/payments/%F0%9F%AA%91',
  '/payments/%25%30%30',
  '/payments/%0d%0aX-Injected:%20yes',
  '/payments/%E2%80%AEtxt/refunds',
  '/payments/a;b=c',
  '/payments/a,b',
  '/payments/a|b"<>`^{}',
  '/payments/a\\b',
  '/payments/[id]',
  '/payments/{payment_id}',
  '/payments/*/history',
  '/PAYMENTS',
  '/Payments/x',
  '/payments.json',
  '/payments#fragment',
  '/payments/x#fragment',
  '/payments/__proto__',
  '/payments/constructor/history',
  '/payments/toString/refunds/valueOf',
  '/__proto__',
  '/constructor',
  '/hasOwnProperty',
  '/callbacks/__proto__',
  '/callbacks/',
  '/health/',
  '/health;x',
  '/he%61lth',
  '/metrics/../payments',
  '/docs/../openapi.json',
  '/.env',
  '/.git/config',
  '/data/tollgate.db',
  '/simulator',
  '/simulator/',
  '/simulator/challenges',
  '/simulator/challenges/',
  '/simulator/challenges/x',
  '/simulator/challenges/%00',
  '/simulator/challenges/..%2f..',
  '/simulator/challenges/../../payments',
  '/simulator/challenges/%zz?x=%zz',
  '/simulator//challenges/x',
  '/simulator/\\challenges',
  '/simulator/@host:99999/',
  '/simulator/x y'.replace(' ', '%20'),
  `/payments/${'x'.repeat(8_000)}`,
  `/${'a/'.repeat(4_000)}`,
  `/payments/${'%41'.repeat(2_500)}`,
  `/payments/${'%'.repeat(8_000)}`,
  'http://elsewhere.example/payments',
  'http://elsewhere.example/payments/none?x=1',
  'http://elsewhere.example',
  'HTTP://[::1]:99999//health',
  'ftp://user:password@elsewhere.example/health',
];

const QUERIES: readonly string[] = [
  '',
  '',
  '?',
  '??',
  '?&&&',
  '?=',
  '?=x',
  '?limit',
  '?limit=',
  '?limit=0',
  '?limit=101',
  '?limit=1e1',
  '?limit=%31',
  '?limit=+1',
  '?limit=%D9%A1',
  '?limit=1&limit=1',
  '?limit=1&%6cimit=2',
  '?limit[]=1',
  '?LIMIT=1',
  '?status=done',
  '?status=completed%00',
  '?cursor=x',
  `?cursor=${'A'.repeat(1_000)}`,
  `?cursor=${'A'.repeat(1_001)}`,
  '?created_after=yesterday',
  '?created_after=2026-02-30T00:00:00Z',
  '?created_after=2026-01-31T24:00:00Z',
  '?created_after=2026-01-31T23:59:60Z',
  '?created_after=2026-01-31T12:00:00',
  '?created_after=2026-01-31T12:00:00+05:30',
  '?created_after=2026-01-31T12:00:00%2B23:59',
  '?created_before=9999-12-31T23:59:59.9999-23:59'.replace('-23', '%2D23'),
  '?created_before=0000-01-01T00:00:00%2B23:59',
  `?created_after=2026-01-31T12:00:00.${'1'.repeat(12)}Z`,
  '?__proto__=x',
  '?__proto__[x]=1',
  '?constructor=1&toString=2',
  '?%zz=%zz',
  '?%00=%00',
  '?%ff=%fe',
  '?a=b#c',
  `?${'a=1&'.repeat(2_000)}`,
  `?${'x'.repeat(8_000)}`,
  '?api_key=tg_test_x',
];

const METHODS = [
  'GET',
  'HEAD',
  'POST',
  'PUT',
  'PATCH',
  'DELETE',
  'OPTIONS',
  'TRACE',
  'PROPFIND',
  'M-SEARCH',
  'QUERY',
  'PURGE',
];

export const targetKinds: readonly Kind[] = [
  { name: 'odd paths', weight: 60, make: oddPaths },
  { name: 'odd queries', weight: 50, make: oddQueries },
  { name: 'methods', weight: 30, make: methods },
  { name: 'service routes', weight: 10, make: service },
];

function oddPaths({ dice, plan }: Draw): Omit<Exchange, 'kind'> {
  const target = dice.oneOf(PATHS);
  const query = target.includes('?') || target.includes('#') ? '' : dice.oneOf(QUERIES);
  const method = dice.oneOf(['GET', 'GET', 'HEAD', 'POST']);
  const request = keyed(plan, 'a', method, target + query, method === 'POST' ? { json: {} } : {});
  return { needs: [], act: { requests: [request], judge: anything } };
}

/** On routes with and without a query; what fits the schemas of the document is taken, and nothing else. */
function oddQueries({ dice, plan }: Draw): Omit<Exchange, 'kind'> {
  const query = dice.oneOf(QUERIES);
  const path = dice.oneOf(['/payments', '/payments', '/payments/none', '/payments/none/refunds']);
  const operation = plan.contract.operations.find(
    ({ method, template }) => method === 'GET' && template === path,
  );
  const named = new Map(operation?.query.map(({ name, schema }) => [name, schema]));
  const pairs = [...new URLSearchParams(query.split('#')[0])];
  const names = new Set(pairs.map(([name]) => name));
  const fits =
    names.size === pairs.length &&
    pairs.every(([name, value]) => {
      const schema = named.get(name);
      return schema !== undefined && plan.contract.fits(schema, value);
    });
  const expected = fits ? (path === '/payments' ? ['200'] : ['404 not_found']) : ['400 invalid_request'];
  const isCursor = names.has('cursor');
  const request = keyed(plan, 'a', 'GET', path + query);
  return {
    needs: [],
    act: { requests: [request], judge: isCursor ? answered('400 invalid_request') : answered(...expected) },
  };
}

/** Every path of the document with every method, with a body or without: a body is no reason to fail. */
function methods({ dice, plan }: Draw): Omit<Exchange, 'kind'> {
  const { template } = dice.oneOf(plan.contract.operations);
  const target = template.replaceAll(/\{\w+\}/g, 'none');
  const method = dice.oneOf(METHODS);
  const bodies = [null, null, '', '{}', '{"amount":', 'garbage', '\u00ff\u00fe', 'x'.repeat(9_000), '[1]'];
  const chosen = method === 'TRACE' ? null : dice.oneOf(bodies);
  const body = chosen === null ? null : Buffer.from(chosen, 'latin1');
  const more = dice.chance(0.3) && body ? { body, chunks: [7] } : { body };
  return { needs: [], act: { requests: [keyed(plan, 'a', method, target, more)], judge: anything } };
}

function service({ dice }: Draw): Omit<Exchange, 'kind'> {
  const target = dice.oneOf(['/health', '/ready', '/metrics', '/openapi.json', '/docs']);
  const far: Request['headers'] = [['X-Forwarded-For', '192.0.2.1']];
  const isFar = dice.chance(0.3);
  const method = dice.chance(0.2) ? 'HEAD' : 'GET';
  const headers = [['Host', 'tollgate'] as const, ...(isFar ? far : [])];
  const expected = target === '/metrics' && isFar ? '403' : '200';
  const request = { method, target, headers, body: null, merchant: null };
  return { needs: [], act: { requests: [request], judge: answered(expected) } };
}
