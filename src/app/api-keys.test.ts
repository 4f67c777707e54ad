import { describe, expect, it } from 'vitest';
import { createSeededIds } from '../adapters/memory/seeded-ids.ts';
import { containsCardNumber } from '../domain/card-number.ts';
import type { StoredKey } from '../ports/key-store.ts';
import { authenticate, type NewKey, newKey, type ParsedKey, parseKey } from './api-keys.ts';

const NOW_MS = Date.UTC(2026, 0, 1);
const DAY_MS = 86_400_000;

function make(given: Partial<NewKey> = {}, seed = 1): { key: string; stored: StoredKey; parsed: ParsedKey } {
  const request: NewKey = {
    merchantId: 'm1',
    livemode: false,
    scopes: ['payments:read', 'payments:write'],
    expiresAt: null,
    nowMs: NOW_MS,
    ...given,
  };
  const { key, stored } = newKey({ ids: createSeededIds(seed) }, request);
  return { key, stored, parsed: parseKey(key) as ParsedKey };
}

function replaced(text: string, at: number, character: string): string {
  return text.slice(0, at) + character + text.slice(at + 1);
}

describe('newKey', () => {
  it('makes a key of the documented form, whose stored part holds no secret', () => {
    const { key, stored, parsed } = make();
    expect(key).toMatch(/^tg_test_[a-z0-9]{16}_[a-z0-9]{52}[0-9A-Za-z]{6}$/);
    expect(make({ livemode: true }).key).toMatch(/^tg_live_/);
    expect(JSON.stringify(stored)).not.toContain(parsed.secret);
    expect(stored).toMatchObject({
      key_id: parsed.keyId,
      merchant_id: 'm1',
      livemode: false,
      expires_at: null,
    });
    expect(stored).toMatchObject({ created_at: '2026-01-01T00:00:00.000Z', revoked_at: null });
    expect(stored.secret_hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('never makes the same twice, nor one that looks like a card number', () => {
    const ids = createSeededIds(2);
    const given: NewKey = {
      merchantId: 'm',
      livemode: true,
      scopes: ['admin'],
      expiresAt: null,
      nowMs: NOW_MS,
    };
    const made = Array.from({ length: 2_000 }, () => newKey({ ids }, given));
    expect(new Set(made.map(({ key }) => key)).size).toBe(made.length);
    expect(new Set(made.map(({ stored }) => stored.key_id)).size).toBe(made.length);
    expect(made.filter(({ key }) => containsCardNumber(`Bearer ${key}`) || parseKey(key) === null)).toEqual(
      [],
    );
  });

  it('takes the random part of an id only, whatever stands before it', () => {
    const ids = { next: (prefix: string) => `${prefix}_a1b2c3d4e5f6g7h8j9k0m1n2p3`, random: () => 0 };
    const { stored, key } = newKey(
      { ids },
      { merchantId: 'm', livemode: true, scopes: [], expiresAt: null, nowMs: 0 },
    );
    expect(stored.key_id).toBe('a1b2c3d4e5f6g7h8');
    expect(key).toContain('_a1b2c3d4e5f6g7h8j9k0m1n2p3a1b2c3d4e5f6g7h8j9k0m1n2p3');
  });
});

describe('parseKey', () => {
  it('gives the parts of a key', () => {
    const { stored, parsed } = make({ livemode: true });
    expect(parsed).toMatchObject({ keyId: stored.key_id, livemode: true });
    expect(parsed.secret).toHaveLength(52);
  });

  it('refuses every slip of one character', () => {
    const { key } = make();
    for (let at = 0; at < key.length; at += 1)
      for (const character of '0189abzAZ_-') {
        if (key[at] !== character) expect(parseKey(replaced(key, at, character))).toBeNull();
      }
  });

  it('refuses a swap of neighbours, a lost and a doubled character, and the other mode', () => {
    const { key } = make();
    for (let at = 0; at < key.length; at += 1) {
      const swapped = key.slice(0, at) + (key[at + 1] ?? '') + key[at] + key.slice(at + 2);
      if (swapped !== key) expect(parseKey(swapped)).toBeNull();
      expect(parseKey(replaced(key, at, ''))).toBeNull();
      expect(parseKey(replaced(key, at, `${key[at]}${key[at]}`))).toBeNull();
    }
    expect(parseKey(key.replace('_test_', '_live_'))).toBeNull();
  });

  it('refuses what is not a key at all', () => {
    const { key } = make();
    for (const text of [
      '',
      'tg',
      'tg_test__',
      'sk_test_123',
      ` ${key}`,
      `${key} `,
      `${key}\n`,
      key.toUpperCase(),
      '\0',
      '🔑',
    ])
      expect(parseKey(text)).toBeNull();
  });

  it('does not look at what is longer than any key, even with a right checksum', () => {
    const ids = { next: (prefix: string) => `${prefix}_${'a'.repeat(1_000)}`, random: () => 0 };
    const given: NewKey = { merchantId: 'm', livemode: true, scopes: [], expiresAt: null, nowMs: 0 };
    expect(parseKey(newKey({ ids }, given).key)).toBeNull();
  });
});

describe('authenticate', () => {
  it('gives the principal of a good key', () => {
    const { parsed, stored } = make();
    expect(authenticate(parsed, stored, NOW_MS)).toEqual({
      merchant_id: 'm1',
      livemode: false,
      key_id: stored.key_id,
      scopes: ['payments:read', 'payments:write'],
    });
  });

  it('gives nobody for an unknown key, a wrong secret, or the key of another id', () => {
    const { parsed, stored } = make();
    expect(authenticate(parsed, null, NOW_MS)).toBeNull();
    expect(authenticate({ ...parsed, secret: make({}, 2).parsed.secret }, stored, NOW_MS)).toBeNull();
    expect(authenticate({ ...parsed, secret: '' }, stored, NOW_MS)).toBeNull();
    expect(authenticate({ ...parsed, keyId: 'other' }, stored, NOW_MS)).toBeNull();
    expect(authenticate(parsed, { ...stored, secret_hash: '' }, NOW_MS)).toBeNull();
  });

  it('gives nobody for a revoked key and for a key of the other mode', () => {
    const { parsed, stored } = make();
    expect(authenticate(parsed, { ...stored, revoked_at: '2026-06-01T00:00:00.000Z' }, NOW_MS)).toBeNull();
    expect(authenticate({ ...parsed, livemode: true }, stored, NOW_MS)).toBeNull();
  });

  it('lets a key expire at its time, to the millisecond', () => {
    const { parsed, stored } = make({ expiresAt: '2026-01-02T00:00:00.000Z' });
    expect(authenticate(parsed, stored, NOW_MS + DAY_MS - 1)).not.toBeNull();
    expect(authenticate(parsed, stored, NOW_MS + DAY_MS)).toBeNull();
    expect(authenticate(parsed, { ...stored, expires_at: 'never' }, NOW_MS)).toBeNull();
  });
});
