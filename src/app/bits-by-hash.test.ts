import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createBitsByHash } from './bits-by-hash.ts';

const hashOf = (key: number) => createHash('sha256').update(String(key)).digest();

describe('bits by hash', () => {
  it('are what was set last, for as many keys as there are', () => {
    const bits = createBitsByHash();
    const keys = Array.from({ length: 50_000 }, (_, key) => key);
    for (const key of keys) bits.set(hashOf(key), 1);
    for (const key of keys) bits.set(hashOf(key), key + 1);
    expect(keys.filter((key) => bits.get(hashOf(key)) !== key + 1)).toEqual([]);
    expect([...bits.values()].sort((a, b) => a - b)).toEqual(keys.map((key) => key + 1));
  });

  it('are none where nothing was set', () => {
    const bits = createBitsByHash();
    for (let key = 0; key < 10_000; key += 1) bits.set(hashOf(key), 1);
    for (let key = 10_000; key < 20_000; key += 1) expect(bits.get(hashOf(key))).toBe(0);
  });

  it('keep hashes apart that begin at the same place', () => {
    const bits = createBitsByHash();
    const hashes = Array.from({ length: 200 }, (_, key) => Uint8Array.of(key, 0, 0, 7, 0, 0, 0, 9));
    for (const [key, hash] of hashes.entries()) bits.set(hash, key + 1);
    expect(hashes.map((hash) => bits.get(hash))).toEqual(hashes.map((_, key) => key + 1));
  });

  it('take all 32 of them', () => {
    const bits = createBitsByHash();
    bits.set(hashOf(1), 0xffff_ffff);
    expect(bits.get(hashOf(1))).toBe(0xffff_ffff);
  });
});
