import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { containsCardNumber, redactDigits } from '../domain/card-number.ts';
import type { ListPlace } from '../ports/payment-store.ts';
import { decodeCursor, encodeCursor, type ListFilter } from './list-cursor.ts';

const KEYS = ['new key', 'old key'];
const FILTER: ListFilter = { merchant_id: 'm1', livemode: false };
const PLACE: ListPlace = { created_at: '2026-01-01T00:00:00.000Z', payment_id: 'p1' };

describe('list cursor', () => {
  it('comes back as the place that it was made from', () => {
    for (const payment_id of ['p', 'p1', 'order-1', 'x'.repeat(64), '__--__', '4242424242424242', 'é"\\'])
      for (const filter of [
        FILTER,
        { ...FILTER, status: 'completed', created_after: PLACE.created_at } as const,
      ]) {
        const place = { ...PLACE, payment_id };
        expect(decodeCursor(KEYS, filter, encodeCursor(KEYS, filter, place))).toEqual(place);
      }
  });

  it('is signed with the first key and verified with each', () => {
    const cursor = encodeCursor(KEYS, FILTER, PLACE);
    expect(decodeCursor(['newer key', 'new key'], FILTER, cursor)).toEqual(PLACE);
    expect(decodeCursor(['old key'], FILTER, cursor)).toBeNull();
    expect(decodeCursor([], FILTER, cursor)).toBeNull();
    expect(() => encodeCursor([], FILTER, PLACE)).toThrow('no key');
  });

  it('is good for its own list only', () => {
    const full = {
      ...FILTER,
      status: 'failed',
      created_after: '2026-01-01',
      created_before: '2026-02-01',
    } as const;
    const cursor = encodeCursor(KEYS, full, PLACE);
    const others: ListFilter[] = [
      { ...full, merchant_id: 'm2' },
      { ...full, livemode: true },
      { ...full, status: 'completed' },
      { ...full, status: undefined },
      { ...full, created_after: '2026-01-02' },
      { ...full, created_before: undefined },
      { ...full, created_after: full.created_before, created_before: full.created_after },
    ];
    for (const other of others) expect(decodeCursor(KEYS, other, cursor)).toBeNull();
    expect(decodeCursor(KEYS, { ...full }, cursor)).toEqual(PLACE);
  });

  it('refuses every edit of one character, a lost one and an added one', () => {
    const cursor = encodeCursor(KEYS, FILTER, PLACE);
    for (let at = 0; at < cursor.length; at += 1) {
      for (const character of ['A', 'B', 'x', 'y', '0', '-', '_', ' ', '=', 'é', '']) {
        const edited = cursor.slice(0, at) + character + cursor.slice(at + 1);
        if (edited !== cursor) expect(decodeCursor(KEYS, FILTER, edited)).toBeNull();
      }
    }
    for (const edited of [
      `${cursor}=`,
      `${cursor}A`,
      ` ${cursor}`,
      `${cursor}\n`,
      cursor.replaceAll('x', ''),
    ])
      expect(decodeCursor(KEYS, FILTER, edited)).toBeNull();
  });

  it('refuses every spelling of the same bytes but the one that was given out', () => {
    // Where the last character of base64 carries spare bits, several decode to the same bytes.
    for (const payment_id of ['p', 'pp', 'ppp']) {
      const cursor = encodeCursor(KEYS, FILTER, { ...PLACE, payment_id });
      const last = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'];
      const accepted = last.filter((end) => decodeCursor(KEYS, FILTER, cursor.slice(0, -1) + end) !== null);
      expect(accepted).toEqual([cursor.slice(-1)]);
    }
  });

  it('never throws on garbage', () => {
    const garbage = [
      '',
      'x',
      '\0',
      '%%%',
      '🔑',
      '\ud800',
      'A'.repeat(43),
      'A'.repeat(512),
      'A'.repeat(1_000_000),
    ];
    for (const text of garbage) expect(decodeCursor(KEYS, FILTER, text)).toBeNull();
    for (let n = 0; n < 300; n += 1) {
      const text = createHash('sha512')
        .update(String(n))
        .digest('base64url')
        .slice(0, n % 86);
      expect(decodeCursor(KEYS, FILTER, text)).toBeNull();
    }
  });

  it('stays within the length that is looked at, also for the longest payment id', () => {
    const cursor = encodeCursor(KEYS, FILTER, { ...PLACE, payment_id: '9'.repeat(64) });
    expect(cursor).toMatch(/^[A-Za-z0-9_-]{1,190}$/);
    const long = encodeCursor(KEYS, FILTER, { ...PLACE, payment_id: '9'.repeat(400) });
    expect(decodeCursor(KEYS, FILTER, long)).toBeNull();
  });

  it('has never 13 digits together, whatever it encodes: every 13th character is a letter', () => {
    const ids = ['4242424242424242'.repeat(4), '~'.repeat(64), '\u05db'.repeat(40)];
    for (let n = 0; n < 5_000; n += 1) ids.push(`${'1'.repeat(n % 40)}${n}`);
    for (const payment_id of ids) {
      const cursor = encodeCursor(KEYS, FILTER, { ...PLACE, payment_id });
      expect(cursor.match(/.{13}/g)?.filter((chunk) => !chunk.endsWith('x'))).toEqual([]);
      expect(containsCardNumber(cursor)).toBe(false);
      expect(redactDigits(cursor)).toBe(cursor);
    }
  });
});
