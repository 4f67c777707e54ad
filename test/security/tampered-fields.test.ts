import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ContractDocument } from '../http/contract-check.ts';
import { type RunningService, startService } from '../http/service.fixture.ts';
import { documentedRoutes, pathsOf } from './documented-routes.ts';

let service: RunningService;

beforeAll(async () => {
  service = await startService({ RATE_LIMIT_PER_SECOND: '0' });
  await service.pay({ payment_id: 'done' });
  await service.refund('done', { refund_id: 'r1', amount: 300 });
  await service.pay({ payment_id: 'held', capture_method: 'manual' });
});
afterAll(() => service.stop());

interface ObjectSchema {
  properties: Record<string, object>;
}

const schemaOf = (name: string) =>
  (service.document as ContractDocument).components.schemas[name] as ObjectSchema;

/** What a body may say, by route, and one that is taken as it is. */
const BODIES = [
  ['/payments', 'CreatePayment', { amount: 1 }],
  ['/payments/held/capture', 'CapturePayment', {}],
  ['/payments/held/cancel', 'CancelPayment', {}],
  ['/payments/done/refunds', 'CreateRefund', {}],
] as const;

/** Fields that are stored and never shown, or that other systems of the kind take from a body. */
const INNER = [
  ...['merchant_id', 'operations', 'history', 'dispatch', 'request_hash', 'outcome', 'attempts', 'actor'],
  ...[
    'key_id',
    'scopes',
    'captured',
    'refunded',
    'id',
    'kind',
    'settled_at',
    'due',
    'ttl',
    'confirm',
    'mode',
  ],
];

/** Two values of each type: one that could be meant, and one that pays. */
const VALUES = [true, false, 0, 1, 999_999, '', 'completed', 'acme', null, [], ['admin'], {}, { a: 1 }];

async function refusedAt(path: string, body: object): Promise<string[]> {
  const { status, json } = await service.call<{ code: string; errors: { pointer: string }[] }>('POST', path, {
    body,
  });
  expect([path, body, status, json.code]).toEqual([path, body, 400, 'invalid_request']);
  return json.errors.map(({ pointer }) => pointer);
}

/** All that stands of the payments, to the byte. */
async function standing(): Promise<string> {
  const paths = ['done', 'held'].flatMap((id) => ['', '/history', '/refunds'].map((rest) => `${id}${rest}`));
  const answers = await Promise.all(
    [...paths.map((path) => `/payments/${path}`), '/payments'].map((path) => service.call('GET', path)),
  );
  return answers.map(({ text }) => text).join('\n');
}

describe('a field that is no input', () => {
  it.each(BODIES)('is refused in a body of POST %s, whatever it holds', async (path, schema, body) => {
    const before = await standing();
    const taken = Object.keys(schemaOf(schema).properties);
    const shown = ['Payment', 'Refund', 'HistoryEntry', 'Failure', 'NextAction'].flatMap((name) =>
      Object.keys(schemaOf(name).properties),
    );
    const foreign = [...new Set([...shown, ...INNER])].filter((name) => !taken.includes(name));
    expect(foreign.length).toBeGreaterThan(25);
    for (const name of foreign) {
      const value = VALUES[name.length % VALUES.length];
      expect(await refusedAt(path, { ...body, [name]: value })).toEqual([`/${name}`]);
    }
    // Each value once for the field that pays most.
    for (const value of VALUES) {
      const name = taken.includes('amount_captured') ? 'merchant_id' : 'amount_captured';
      expect(await refusedAt(path, { ...body, [name]: value })).toEqual([`/${name}`]);
    }
    expect(await standing()).toBe(before);
  });

  it('is refused in the query of every route', async () => {
    for (const { method, template } of documentedRoutes(service)) {
      for (const path of pathsOf(template, ['done']).map((one) =>
        one.replace('refunds/done', 'refunds/r1'),
      )) {
        for (const name of ['merchant_id', 'livemode', 'amount', 'scopes']) {
          const body = method === 'POST' ? { body: { amount: 1 } } : {};
          const { json } = await service.call<{ code: string; errors: object[] }>(
            method,
            `${path}?${name}=1`,
            body,
          );
          expect([path, json.code, json.errors]).toEqual([
            path,
            'invalid_request',
            [expect.objectContaining({ pointer: `?${name}` })],
          ]);
        }
      }
    }
  });

  it('in a header changes neither who asks, nor the mode, nor the method', async () => {
    await service.makeKey({ merchant: 'other' });
    const before = await standing();
    const headers = {
      'X-Merchant-Id': 'other',
      'Merchant-Id': 'other',
      'X-Livemode': 'true',
      'X-Tollgate-Account': 'other',
      'X-HTTP-Method-Override': 'POST',
      'X-Original-URL': '/metrics',
      'X-Rewrite-URL': '/metrics',
      'X-Forwarded-User': 'other',
    };
    const { json } = await service.get('done', { headers });
    expect(json).toEqual((await service.get('done')).json);
    expect(await standing()).toBe(before);
  });
});

describe('a field of another type', () => {
  const WRONG: Record<string, readonly unknown[]> = {
    string: [1, true, [], ['a'], {}, { toString: 'a' }],
    integer: ['1', '1000', true, [], [1], {}, 1.5, -1, 0, 1e21, 2 ** 53],
    object: ['a', 1, true, [], [['a', 'b']]],
  };
  /** Of a nullable field, what it is when it is not null. */
  function typeOf(schema: object): string {
    const text = JSON.stringify(schema);
    return /"type":\[?"(string|integer|object)"/.exec(text)?.[1] ?? 'string';
  }

  it.each(BODIES)('is refused in a body of POST %s', async (path, schema, body) => {
    const before = await standing();
    for (const [name, property] of Object.entries(schemaOf(schema).properties)) {
      for (const value of WRONG[typeOf(property)] as readonly unknown[]) {
        const pointers = await refusedAt(path, { ...body, [name]: value });
        expect(pointers.filter((pointer) => !pointer.startsWith(`/${name}`))).toEqual([]);
      }
    }
    expect(await standing()).toBe(before);
  });
});

describe('a tampered amount', () => {
  /** Of a capture or a refund, all that is not between 1 and what is left of 700 or 1000. */
  const anyWrongAmount = fc.oneof(
    fc.integer({ max: 0 }),
    fc.integer({ min: 1_001 }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Number.isInteger(value)),
    fc.double({ min: 1_001, noDefaultInfinity: true, noNaN: true }),
    fc.integer({ min: 1, max: 700 }).map(String),
    fc.integer({ min: 1, max: 700 }).map((value) => [value]),
  );

  it('moves no money, in a capture or a refund', async () => {
    const before = await standing();
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('held/capture', 'done/refunds'),
        anyWrongAmount,
        async (path, amount) => {
          const { status, json } = await service.call('POST', `/payments/${path}`, { body: { amount } });
          expect([400, 409]).toContain(status);
          expect(json.code).toMatch(/^(invalid_request|capture_exceeds_authorized|refund_exceeds_captured)$/);
        },
      ),
      { numRuns: 150, seed: 11 },
    );
    expect(await standing()).toBe(before);
  });

  it.each([
    ['above what is left of a payment', 'done/refunds', 701, 'refund_exceeds_captured'],
    ['above what is authorized', 'held/capture', 1_001, 'capture_exceeds_authorized'],
    ['above what any payment can have', 'held/capture', 1_000_000_000_000, 'invalid_request'],
  ])('%s is refused by one minor unit', async (_, path, amount, code) => {
    expect((await service.call('POST', `/payments/${path}`, { body: { amount } })).json.code).toBe(code);
  });

  it('and a tampered currency do not change a payment that is there', async () => {
    const before = await standing();
    for (const change of [{ amount: 1 }, { currency: 'jpy' }, { payment_method: 'pm_card_amex' }]) {
      const { json } = await service.pay({ payment_id: 'done', ...change });
      expect(json).toMatchObject({ code: 'idempotency_mismatch' });
    }
    for (const path of ['held/capture', 'done/refunds'])
      expect(await refusedAt(`/payments/${path}`, { amount: 1, currency: 'jpy' })).toEqual(['/currency']);
    expect(await standing()).toBe(before);
  });
});
