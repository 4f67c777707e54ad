import { describe, expect, it } from 'vitest';
import { parseIdempotencyKey } from './idempotency-key.ts';

const UUID = '8e03978e-40d5-43e8-bc93-6894a57f9324';

describe('parseIdempotencyKey', () => {
  it('gives undefined where there is no header', () => {
    expect(parseIdempotencyKey(undefined)).toEqual({ value: undefined });
  });

  it.each([
    ['key', 'key'],
    [UUID, UUID],
    [`"${UUID}"`, UUID],
    ['  key\t ', 'key'],
    [' "key" ', 'key'],
    ['" key "', ' key '],
    ['a key', 'a key'],
    ['a"b', 'a"b'],
    ['a;b=1', 'a;b=1'],
    ['a\\b', 'a\\b'],
    ['"a\\"b\\\\c"', 'a"b\\c'],
    ['"[]#~!"', '[]#~!'],
    ['"\\\\\\""', '\\"'],
  ])('reads %j as %j', (header, value) => {
    expect(parseIdempotencyKey(header)).toEqual({ value });
  });

  it('takes 1 to 255 characters, counted without the quotes and escapes', () => {
    expect(parseIdempotencyKey('k')).toEqual({ value: 'k' });
    for (const value of ['k'.repeat(255), '"'.repeat(255)]) {
      const quoted = `"${value.replaceAll('"', '\\"')}"`;
      expect(parseIdempotencyKey(quoted)).toEqual({ value });
    }
    expect(parseIdempotencyKey('k'.repeat(255))).toEqual({ value: 'k'.repeat(255) });
    expect(parseIdempotencyKey('k'.repeat(256))).toEqual({
      problem: expect.stringContaining('256 characters'),
    });
    expect(parseIdempotencyKey(`"${'k'.repeat(256)}"`)).toEqual({
      problem: expect.stringContaining('256 characters'),
    });
  });

  it.each(['', '  ', '""', ' "" '])('refuses an empty one: %j', (header) => {
    expect(parseIdempotencyKey(header)).toEqual({ problem: expect.stringContaining('empty') });
  });

  it.each(['"', '"a', '"a"b', '"a"b"', '"a\\"', '"a\\b"', '"a";x=1', '"a", "b"'])('refuses %j', (header) => {
    expect(parseIdempotencyKey(header)).toEqual({ problem: expect.stringContaining('quote') });
  });

  it.each(['ключ', 'naïve', 'a\tb', 'a\u007f', 'a\u0000b', '"é"', 'a\u00a0'])('refuses %j', (header) => {
    const parsed = parseIdempotencyKey(header);
    expect(parsed).toEqual({ problem: expect.stringContaining('printable ASCII') });
  });

  it('repeats nothing of the header in a problem', () => {
    for (const header of ['"4242424242424242', `${'4242'.repeat(70)}`, '4242424242424242é'])
      expect(JSON.stringify(parseIdempotencyKey(header))).not.toContain('4242');
  });
});
