import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  canonicalJson,
  derivedPaymentId,
  derivedRefundId,
  type Json,
  keyHash,
  pspIdempotencyKey,
  requestHash,
} from './hashes.ts';
import { aRef } from './payment.fixture.ts';

function double(hex: string): number {
  return new DataView(Uint8Array.from(Buffer.from(hex, 'hex')).buffer).getFloat64(0);
}

describe('canonicalJson, on the vectors of RFC 8785', () => {
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the number with the bits %s as %s (appendix B)', (bits, text) => {
    expect(canonicalJson(double(bits))).toBe(text);
  });

  it('writes literals, numbers and strings as in §3.2.2', () => {
    const text = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalJson(JSON.parse(text))).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],' +
        String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it('sorts members by UTF-16 code units as in §3.2.3', () => {
    const text = String.raw`{
      "\u20ac": "Euro Sign",
      "\r": "Carriage Return",
      "\ufb33": "Hebrew Letter Dalet With Dagesh",
      "1": "One",
      "\ud83d\ude00": "Emoji: Grinning Face",
      "\u0080": "Control",
      "\u00f6": "Latin Small Letter O With Diaeresis"
    }`;
    const values = canonicalJson(JSON.parse(text)).match(/[A-Z][A-Za-z:]*( [A-Za-z:]+)*/g);
    expect(values).toEqual([
      'Carriage Return',
      'One',
      'Control',
      'Latin Small Letter O With Diaeresis',
      'Euro Sign',
      'Emoji: Grinning Face',
      'Hebrew Letter Dalet With Dagesh',
    ]);
  });
});

describe('canonicalJson', () => {
  it('leaves out members that are null or undefined, at every depth, and keeps the nulls of lists', () => {
    expect(canonicalJson({ b: { d: null, c: undefined, a: 1 }, a: null })).toBe('{"b":{"a":1}}');
    expect(canonicalJson([null, { a: null }])).toBe('[null,{}]');
  });

  it('reads back as what was written', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Json);
        expect(canonicalJson(JSON.parse(text) as Json)).toBe(text);
      }),
      { seed: 3 },
    );
  });
});

describe('requestHash: the same request (invariant 3)', () => {
  const sent = { payment_id: 'p1', amount: 1000 };
  const hash = requestHash(sent);

  it('is stored with the version of its rules', () => {
    // Pinned: stored hashes must still match after an upgrade; new rules get a new version.
    expect(hash).toBe('1:V8ysddgrxAEvorZHLeniiBR6AgFzfOtdHTleC-CKKco');
    expect(hash).toMatch(/^1:[\w-]{43}$/);
  });

  it.each<[string, { [name: string]: Json | undefined }]>([
    ['the order of the fields', { amount: 1000, payment_id: 'p1' }],
    ['null and absence', { ...sent, description: null }],
    ['undefined and absence', { ...sent, description: undefined }],
    ['how a number is written', JSON.parse('{"payment_id":"p1","amount":1.0e3}')],
  ])('does not tell apart by %s', (_what, fields) => {
    expect(requestHash(fields)).toBe(hash);
  });

  it('does not tell apart by the case of the currency', () => {
    expect(requestHash({ ...sent, currency: 'EUR' })).toBe(requestHash({ ...sent, currency: 'eur' }));
  });

  it('does not tell apart by the order of metadata', () => {
    const metadata = (text: string) => requestHash({ ...sent, metadata: JSON.parse(text) });
    expect(metadata('{"a":"1","b":"2"}')).toBe(metadata('{"b":"2","a":"1"}'));
  });

  it.each<[string, { [name: string]: Json | undefined }]>([
    ['the amount', { ...sent, amount: 1001 }],
    ['a default that was sent', { ...sent, capture_method: 'automatic' }],
    ['the default currency, if sent', { ...sent, currency: 'usd' }],
    ['a currency that is no text', { ...sent, currency: 840 }],
    ['empty metadata', { ...sent, metadata: {} }],
    ['an empty description', { ...sent, description: '' }],
    ['the type of a field', { ...sent, amount: '1000' }],
    ['a field beside', { ...sent, description: 'x' }],
    ['what only looks the same (no Unicode normalisation)', { ...sent, description: 'e\u0301' }],
    ['the case of anything but the currency', { ...sent, payment_id: 'P1' }],
  ])('tells apart by %s', (_what, fields) => {
    expect(requestHash(fields)).not.toBe(hash);
  });

  it('tells composed and decomposed letters apart', () => {
    expect(requestHash({ description: 'e\u0301' })).not.toBe(requestHash({ description: '\u00e9' }));
  });

  it('takes the key in as part of the request where the body names the resource', () => {
    expect(requestHash(sent, 'k1')).not.toBe(hash);
    expect(requestHash(sent, 'k1')).not.toBe(requestHash(sent, 'k2'));
    expect(requestHash(sent, '')).not.toBe(hash);
    expect(requestHash(sent, 'k1')).not.toBe(requestHash({ ...sent, key: 'k1' }));
  });
});

/** Pairs that a careless concatenation would give one text. */
const TRICKY: [string, Parameters<typeof aRef>[0], string, Parameters<typeof aRef>[0], string][] = [
  ['merchants', { merchant_id: 'm_1' }, 'charge.1', { merchant_id: 'm_2' }, 'charge.1'],
  ['modes', { livemode: true }, 'charge.1', { livemode: false }, 'charge.1'],
  ['payments', { payment_id: 'order-1' }, 'charge.1', { payment_id: 'order-2' }, 'charge.1'],
  ['operations', {}, 'charge.1', {}, 'refund.2'],
  [
    'a border moved from merchant to payment',
    { merchant_id: 'ab', payment_id: 'c' },
    'x',
    { merchant_id: 'a', payment_id: 'bc' },
    'x',
  ],
  ['a border moved from payment to operation', { payment_id: 'ab' }, 'c', { payment_id: 'a' }, 'bc'],
  [
    'parts that are swapped',
    { merchant_id: 'a', payment_id: 'b' },
    'x',
    { merchant_id: 'b', payment_id: 'a' },
    'x',
  ],
  ['an id that imitates a length', { payment_id: '1:a' }, 'b', { payment_id: '1' }, ':ab'],
  ['an id that imitates a border', { payment_id: 'a1:b' }, 'c', { payment_id: 'a' }, 'b1:c'],
  ['an empty part', { merchant_id: '', payment_id: 'a' }, 'x', { merchant_id: 'a', payment_id: '' }, 'x'],
];

describe('pspIdempotencyKey (invariant 1)', () => {
  it('is the same on every attempt, and after every upgrade', () => {
    expect(pspIdempotencyKey(aRef(), 'charge.1')).toBe(
      '5c77f5d4649ddf28e3ac09eacf15655bebb3a0cc589a22fe4cba9f5c3382d19c',
    );
  });

  it.each(TRICKY)('differs between %s', (_what, a, operationA, b, operationB) => {
    expect(pspIdempotencyKey(aRef(a), operationA)).not.toBe(pspIdempotencyKey(aRef(b), operationB));
  });

  it('depends on the reference alone, not on what else a payment holds', () => {
    expect(pspIdempotencyKey({ ...aRef(), ...{ version: 7 } }, 'charge.1')).toBe(
      pspIdempotencyKey(aRef(), 'charge.1'),
    );
  });

  it('differs whenever any part does', () => {
    const part = fc.string({ unit: fc.constantFrom('a', '1', ':', '2', '0'), maxLength: 4 });
    const parts = fc.tuple(fc.boolean(), part, part, part);
    const key = ([livemode, merchant_id, payment_id, id]: [boolean, string, string, string]) =>
      pspIdempotencyKey({ livemode, merchant_id, payment_id }, id);
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(key(a) === key(b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
      { seed: 1, numRuns: 2_000 },
    );
  });
});

describe('keyHash', () => {
  it.each(TRICKY)('differs between %s', (_what, a, keyA, b, keyB) => {
    expect(keyHash(aRef(a), 'capture', keyA)).not.toBe(keyHash(aRef(b), 'capture', keyB));
  });

  it('differs between routes, and never holds the key itself', () => {
    expect(keyHash(aRef(), 'capture', 'secret')).not.toBe(keyHash(aRef(), 'cancel', 'secret'));
    expect(keyHash(aRef(), 'capture', 'secret')).toMatch(/^[\w-]{43}$/);
  });
});

describe('ids derived from an Idempotency-Key', () => {
  const allowed = /^[A-Za-z0-9_-]{1,64}$/;

  it.each(['k', 'K', '', 'a b', 'é', 'x'.repeat(255)])(
    'are legal ids for the key "%s", and always the same',
    (key) => {
      expect(derivedPaymentId(aRef(), key)).toMatch(allowed);
      expect(derivedPaymentId(aRef(), key)).toBe(derivedPaymentId(aRef(), key));
      expect(derivedRefundId(aRef(), key)).toMatch(allowed);
      expect(derivedRefundId(aRef(), key)).toBe(derivedRefundId(aRef(), key));
    },
  );

  it('differ between keys, merchants and modes', () => {
    const ids = [
      derivedPaymentId(aRef(), 'k'),
      derivedPaymentId(aRef(), 'k2'),
      derivedPaymentId(aRef({ merchant_id: 'm_2' }), 'k'),
      derivedPaymentId(aRef({ livemode: true }), 'k'),
      derivedPaymentId(aRef({ merchant_id: 'm_' }), '1k'),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each(TRICKY)('of refunds differ between %s', (_what, a, keyA, b, keyB) => {
    expect(derivedRefundId(aRef(a), keyA)).not.toBe(derivedRefundId(aRef(b), keyB));
  });
});
