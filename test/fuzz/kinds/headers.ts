import type { Exchange, Header, Request } from '../exchange.ts';
import { answered, anything } from '../expect.ts';
import { type KeyName, keyed } from '../plan.ts';
import type { Draw, Kind } from './kind.ts';

/** Headers, and what a request that is otherwise right must then be answered with. */
type Case = readonly [headers: readonly Header[], expected: readonly string[]];

const MADE = ['201'];
const REFUSED = ['400 invalid_request'];
const TWICE = ['400 duplicate_header'];
const utf8 = (text: string) => Buffer.from(text).toString('latin1');
/** Room for all headers together is 16 KiB, of which Node counts more than the bytes of each. */
const many = (count: number): Header[] => Array.from({ length: count }, (_, n) => [`X-H${n}`, 'v']);

/** On `POST /payments` with a body that is right. */
const ON_CREATE: readonly Case[] = [
  [[['Idempotency-Key', '']], REFUSED],
  [[['Idempotency-Key', '   ']], REFUSED],
  [[['Idempotency-Key', 'x'.repeat(256)]], REFUSED],
  [[['Idempotency-Key', 'x'.repeat(8_000)]], REFUSED],
  [[['Idempotency-Key', '"unclosed']], REFUSED],
  [[['Idempotency-Key', '"a"; b=c']], REFUSED],
  [[['Idempotency-Key', '"a\\x"']], REFUSED],
  [[['Idempotency-Key', 'a\tb']], REFUSED],
  [[['Idempotency-Key', utf8('ключ')]], REFUSED],
  [[['Idempotency-Key', '\u00e9']], REFUSED],
  [
    [
      ['Idempotency-Key', 'a'],
      ['idempotency-key', 'a'],
    ],
    TWICE,
  ],
  [
    [
      ['Prefer', 'wait=1'],
      ['PREFER', 'wait=1'],
    ],
    TWICE,
  ],
  [[['Content-Type', 'application/json']], TWICE],
  [[['Authorization', 'Bearer x']], TWICE],
  [[['Authorization', '']], TWICE],
  [[['Prefer', '']], MADE],
  [[['Prefer', 'wait=0']], MADE],
  [[['Prefer', 'wait=-1']], MADE],
  [[['Prefer', 'wait=1e3']], MADE],
  [[['Prefer', 'wait="2"']], MADE],
  [[['Prefer', 'respond-async, wait=2; x=y']], MADE],
  [[['Prefer', 'wait=99999999999999999999']], MADE],
  [[['Prefer', utf8('wait=۵')]], MADE],
  [[['Prefer', '"'.repeat(5_000)]], MADE],
  [[['Prefer', ',;='.repeat(2_000)]], MADE],
  [[['Prefer', `${'a="\\'.repeat(2_000)}`]], MADE],
  [[['Accept', '']], MADE],
  [[['Accept', '*/*']], MADE],
  [[['Accept', 'application/json;q=0.1, text/html']], MADE],
  [[['Accept', 'application/*;q=abc']], MADE],
  [[['Accept', 'text/html']], ['406 not_acceptable']],
  [[['Accept', '*/*;q=0']], ['406 not_acceptable']],
  [[['Accept', 'application/json;q=0, */*']], ['406 not_acceptable']],
  [[['Accept', ',;/'.repeat(2_500)]], ['406 not_acceptable']],
  [[['Accept', utf8('日本/語')]], ['406 not_acceptable']],
  [[['Expect', '100-continue']], MADE],
  [[['Expect', '200-maybe']], MADE],
  [
    [
      ['TE', 'trailers, deflate;q=0.5'],
      ['Trailer', 'Content-Length'],
    ],
    MADE,
  ],
  [
    [
      ['X-HTTP-Method-Override', 'DELETE'],
      ['X-Original-URL', '/metrics'],
      ['X-Forwarded-Prefix', '/x'],
    ],
    MADE,
  ],
  [
    [
      ['Range', 'bytes=0-1'],
      ['If-None-Match', '*'],
      ['If-Modified-Since', 'x'],
    ],
    MADE,
  ],
  [[['Cookie', 'a=b'.repeat(2_000)]], MADE],
  [
    [
      ['__proto__', 'x'],
      ['constructor', 'y'],
      ['hasOwnProperty', 'z'],
    ],
    MADE,
  ],
  [[['X-Odd', '\u0080\u00ff\u00a0']], MADE],
  [many(300), MADE],
];

/** Instead of `Content-Type: application/json`. */
const CONTENT_TYPES: readonly (readonly [string | null, readonly string[]])[] = [
  [null, ['415 unsupported_media_type']],
  ['', ['415 unsupported_media_type']],
  ['text/plain', ['415 unsupported_media_type']],
  ['application/x-www-form-urlencoded', ['415 unsupported_media_type']],
  ['application/jsonx', ['415 unsupported_media_type']],
  ['application/json; charset=latin1', ['415 unsupported_media_type']],
  ['application/json, application/json', ['415 unsupported_media_type']],
  [utf8('application/ĵson'), ['415 unsupported_media_type']],
  ['x'.repeat(10_000), ['415 unsupported_media_type']],
  ['APPLICATION/JSON', MADE],
  ['application/json;charset=UTF-8', MADE],
  ['application/json; charset="utf-8"; x=y', MADE],
  [' application/json\t', MADE],
];

export const headerKinds: readonly Kind[] = [
  { name: 'odd headers', weight: 70, make: oddHeaders },
  { name: 'content types', weight: 20, make: contentTypes },
  { name: 'keys', weight: 40, make: keys },
];

/** A payment of its own, made by `POST /payments`. */
export function ownPayment({ number, dice, plan, suffix }: Draw, headers: readonly Header[]): Request {
  const json = { payment_id: plan.idOf('a', number, `h${suffix}`), amount: dice.between(1, 9_999) };
  return keyed(plan, 'a', 'POST', '/payments', { json, headers });
}

function oddHeaders(draw: Draw): Omit<Exchange, 'kind'> {
  const [headers, expected] = draw.dice.oneOf(ON_CREATE);
  return { needs: [], act: { requests: [ownPayment(draw, headers)], judge: answered(...expected) } };
}

function contentTypes(draw: Draw): Omit<Exchange, 'kind'> {
  const [type, expected] = draw.dice.oneOf(CONTENT_TYPES);
  const request = ownPayment(draw, []);
  const headers = request.headers.filter(([name]) => name !== 'Content-Type');
  if (type !== null) headers.push(['Content-Type', type]);
  return { needs: [], act: { requests: [{ ...request, headers }], judge: answered(...expected) } };
}

/** Who may not, by the key: on any route that needs one. */
function keys({ number, dice, plan }: Draw): Omit<Exchange, 'kind'> {
  const operation = dice.oneOf(plan.contract.operations.filter(({ keyed: wanted }) => wanted));
  const known = plan.earlierPayment(number, dice);
  const target = operation.template
    .replace('{payment_id}', known?.paymentId ?? 'none')
    .replace('{refund_id}', 'r1');
  const body = operation.body ? Buffer.from('{"amount":1}') : null;
  const [authorization, expected] = dice.oneOf(authorizations(plan.keys, operation.method));
  const headers: Header[] = [['Host', 'tollgate']];
  if (authorization !== null) headers.push(['Authorization', authorization]);
  if (body) headers.push(['Content-Type', 'application/json']);
  const { method } = operation;
  const request: Request = { method, target, headers, body, merchant: null };
  const judge = expected === null ? anything : answered(...expected);
  return { needs: known ? [known.number] : [], act: { requests: [request], judge } };
}

const MISSING = ['401 missing_key'];
const INVALID = ['401 invalid_key'];

function authorizations(
  keys: Readonly<Record<KeyName, string>>,
  method: string,
): readonly (readonly [string | null, readonly string[] | null])[] {
  const { a, reader, live, revoked, expired, unknown } = keys;
  const last = a.at(-1) === 'x' ? 'y' : 'x';
  return [
    [null, MISSING],
    ['', MISSING],
    ['Bearer', INVALID],
    ['Bearer ', INVALID],
    [a, INVALID],
    [`Basic ${a}`, INVALID],
    [`Bearer ${a} ${a}`, INVALID],
    [`Bearer ${a},${a}`, INVALID],
    [`Bearer ${a.slice(0, -1)}${last}`, INVALID],
    [`Bearer ${a.toUpperCase()}`, INVALID],
    [`Bearer ${a.replace('_test_', '_live_')}`, INVALID],
    [`Bearer ${unknown}`, INVALID],
    [`Bearer ${revoked}`, INVALID],
    [`Bearer ${expired}`, INVALID],
    ['Bearer __proto__', INVALID],
    [`Bearer ${'x'.repeat(10_000)}`, INVALID],
    [`Bearer ${' '.repeat(8_000)}`, INVALID],
    [`Bearer tg_test_${'0'.repeat(8_000)}`, INVALID],
    [`Bearer ${utf8('ключ')}`, INVALID],
    // Another mode: nothing of the test mode is there, and no connector takes live payments.
    [
      `Bearer ${live}`,
      method === 'GET' ? ['200', '404 not_found'] : ['403 insufficient_scope', '404 not_found', '400'],
    ],
    [`bearer  ${reader} `, method === 'GET' ? ['200', '404 not_found'] : ['403 insufficient_scope']],
  ];
}
