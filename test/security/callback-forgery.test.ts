import * as fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createWorld } from '../../src/app/app.fixture.ts';
import { createHandleCallback } from '../../src/app/handle-callback.ts';
import { createCallbackSigner } from '../../src/connectors/simulator/callback-signature.ts';
import type { Connector, PspEvent } from '../../src/ports/connector.ts';

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const NOW_SECONDS = 1_790_000_000;
const NOW_MS = NOW_SECONDS * 1_000;
const TOLERANCE_SECONDS = 300;
const signer = createCallbackSigner(SECRET);

const DATA = { merchant_id: 'acme', livemode: false, payment_id: 'order-1', operation_id: 'charge.1' };
const BODY = JSON.stringify({ type: 'operation.succeeded', data: { ...DATA, psp_reference: 'sim_1' } });
const GOOD = { headers: signer.sign('evt_01', NOW_SECONDS, BODY), body: Buffer.from(BODY) };
const SIGNED_HEADERS = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const;

function open(headers: Record<string, string>, body: Uint8Array, nowMs = NOW_MS): PspEvent | null {
  return signer.open({ headers, body }, nowMs);
}

/** The bytes with one bit turned, once for each bit. */
function* turned(bytes: Buffer): Generator<Buffer> {
  for (let bit = 0; bit < 8 * bytes.length; bit += 1) {
    const copy = Buffer.from(bytes);
    copy[bit >> 3] = (copy[bit >> 3] as number) ^ (1 << (bit & 7));
    yield copy;
  }
}

describe('a genuine call-back with one bit turned', () => {
  it('is genuine without that', () => {
    expect(open(GOOD.headers, GOOD.body)).toEqual({ event_id: 'evt_01', ...DATA });
  });

  it('is refused, whichever bit of the body it is', () => {
    const taken = [...turned(GOOD.body)].filter((body) => open(GOOD.headers, body) !== null);
    expect(taken).toEqual([]);
  });

  it.each(SIGNED_HEADERS)('is refused, whichever bit of %s it is', (name) => {
    // Header values are bytes, which Node reads as Latin-1.
    const value = Buffer.from(GOOD.headers[name] as string, 'latin1');
    const taken = [...turned(value)]
      .map((bytes) => bytes.toString('latin1'))
      .filter((text) => open({ ...GOOD.headers, [name]: text }, GOOD.body) !== null);
    expect(taken).toEqual([]);
  });

  it.each(SIGNED_HEADERS)('or with a byte dropped, added, doubled or replaced in %s', (name) => {
    const value = GOOD.headers[name] as string;
    fc.assert(
      fc.property(fc.nat(value.length - 1), fc.integer({ min: 33, max: 255 }), fc.nat(2), (at, code, how) => {
        const given = String.fromCharCode(code);
        const rest = [value.slice(at + 1), value.slice(at), value.slice(at + 1)][how] as string;
        const edited = value.slice(0, at) + (how === 0 ? '' : given) + rest;
        fc.pre(edited !== value);
        expect(open({ ...GOOD.headers, [name]: edited }, GOOD.body)).toBeNull();
      }),
      { numRuns: 1_000, seed: 3 },
    );
  });

  it('or with bytes cut off or added anywhere in the body', () => {
    for (let length = 0; length < GOOD.body.length; length += 1) {
      expect(open(GOOD.headers, GOOD.body.subarray(0, length))).toBeNull();
      expect(open(GOOD.headers, GOOD.body.subarray(GOOD.body.length - length))).toBeNull();
    }
    for (const added of [' ', '\n', '\0', '{}']) {
      expect(open(GOOD.headers, Buffer.concat([GOOD.body, Buffer.from(added)]))).toBeNull();
      expect(open(GOOD.headers, Buffer.concat([Buffer.from(added), GOOD.body]))).toBeNull();
    }
  });
});

describe('what is signed cannot be parted otherwise', () => {
  it('nothing moves between id, time and body, whose joints are what was signed', () => {
    const id = GOOD.headers['webhook-id'] as string;
    const time = GOOD.headers['webhook-timestamp'] as string;
    const whole = `${id}.${time}.${BODY}`;
    const parts = whole.split('.');
    for (let first = 1; first < parts.length - 1; first += 1) {
      for (let second = first + 1; second < parts.length; second += 1) {
        const headers = {
          ...GOOD.headers,
          'webhook-id': parts.slice(0, first).join('.'),
          'webhook-timestamp': parts.slice(first, second).join('.'),
        };
        const body = Buffer.from(parts.slice(second).join('.'));
        const isItself = headers['webhook-id'] === id && headers['webhook-timestamp'] === time;
        expect(open(headers, body) !== null).toBe(isItself);
      }
    }
  });

  it('no signature of another secret is taken, nor one that is none', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 24, maxLength: 64 }), fc.string(), (secret, text) => {
        const other = createCallbackSigner(`whsec_${Buffer.from(secret).toString('base64')}`);
        expect(open(other.sign('evt_01', NOW_SECONDS, BODY), GOOD.body)).toBeNull();
        for (const signature of [text, `v1,${text}`, `v1,${Buffer.from(secret).toString('base64')}`]) {
          expect(open({ ...GOOD.headers, 'webhook-signature': signature }, GOOD.body)).toBeNull();
        }
      }),
      { numRuns: 300, seed: 5 },
    );
  });
});

describe('a recorded call-back sent again', () => {
  it('is refused as soon as it is more than five minutes off, either way', () => {
    for (const sign of [-1, 1]) {
      const at = (offMs: number) => open(GOOD.headers, GOOD.body, NOW_MS + sign * offMs);
      for (const offMs of [0, 1, TOLERANCE_SECONDS * 1_000]) expect(at(offMs)).not.toBeNull();
      for (const offMs of [TOLERANCE_SECONDS * 1_000 + 1, 3_600_000, 1e12]) expect(at(offMs)).toBeNull();
    }
  });

  /** A connector that opens call-backs as the real one does, and counts how often its PSP is asked. */
  let asked: number;
  let handle: ReturnType<typeof createHandleCallback>;
  let world: ReturnType<typeof createWorld>;

  beforeAll(async () => {
    world = createWorld();
    asked = 0;
    const connector = { name: 'simulator', openCallback: signer.open } as unknown as Connector;
    const store = {
      ...world.store,
      get: async () => {
        asked += 1;
        return null;
      },
    };
    const clock = { now: () => world.clock.now() };
    const never = () => {
      throw new Error('nothing is to be looked up of a payment that is not there');
    };
    handle = createHandleCallback({
      connectors: [connector],
      store,
      clock,
      psp: { lookUp: never } as unknown as Parameters<typeof createHandleCallback>[0]['psp'],
      settler: { record: never } as unknown as Parameters<typeof createHandleCallback>[0]['settler'],
    });
  });

  it('meanwhile has no effect: its id was dealt with, whatever body, time or signature it comes with', async () => {
    const nowSeconds = Math.floor(world.clock.now() / 1_000);
    const sign = (id: string, at: number, body = BODY) => ({
      headers: signer.sign(id, at, body),
      body: Buffer.from(body),
    });
    expect(await handle('simulator', sign('evt_a', nowSeconds))).toBe('taken');
    expect(asked).toBe(1);
    for (let n = 0; n < 20; n += 1) {
      expect(await handle('simulator', sign('evt_a', nowSeconds - n))).toBe('taken');
      expect(await handle('simulator', sign('evt_a', nowSeconds, `${BODY} `))).toBe('taken');
    }
    expect(asked).toBe(1);
    // A forged one of the same id is not taken for dealt with: it is refused.
    const forged = createCallbackSigner(`whsec_${Buffer.alloc(32, 8).toString('base64')}`);
    const unsigned = { headers: forged.sign('evt_a', nowSeconds, BODY), body: Buffer.from(BODY) };
    expect(await handle('simulator', unsigned)).toBe('not_authentic');
  });

  it('finds its id for as long as its signature is good, from the earliest to the latest moment', async () => {
    asked = 0;
    const sentSeconds = Math.floor(world.clock.now() / 1_000);
    // Sent by a clock that is as far ahead as it may be: good for ten minutes from now.
    const ahead = signer.sign('evt_b', sentSeconds + TOLERANCE_SECONDS, BODY);
    const callback = { headers: ahead, body: Buffer.from(BODY) };
    expect(await handle('simulator', callback)).toBe('taken');
    for (let minute = 1; minute <= 12; minute += 1) {
      world.clock.advance(60_000);
      // Others come meanwhile, and let what is old be forgotten.
      const at = Math.floor(world.clock.now() / 1_000);
      const other = signer.sign(`evt_c${minute}`, at, BODY);
      await handle('simulator', { headers: other, body: Buffer.from(BODY) });
      const before = asked;
      const answer = await handle('simulator', callback);
      expect([minute, answer]).toEqual([minute, minute <= 10 ? 'taken' : 'not_authentic']);
      expect(asked).toBe(before);
    }
  });
});
