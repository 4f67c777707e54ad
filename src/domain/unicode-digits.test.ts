import { describe, expect, it } from 'vitest';
import { asciiDigits } from './unicode-digits.ts';

/** The zeros of some scripts, and of a row of five alphabets that stand end to end. */
const ZEROS = [0x660, 0x6f0, 0x966, 0xe50, 0xff10, 0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0x1e950];

describe('asciiDigits', () => {
  it('reads the digits of every script', () => {
    for (const zero of ZEROS) {
      const digits = Array.from({ length: 10 }, (_, value) => String.fromCodePoint(zero + value)).join('');
      expect(asciiDigits(digits)).toBe('0123456789');
    }
  });

  it('reads every space and dash as the plain one, again and again', () => {
    for (let again = 0; again < 2; again += 1) {
      expect(asciiDigits('1\u00a02\u20093\u30004')).toBe('1 2 3 4');
      expect(asciiDigits('1\u20102\u20113\u20134\u20145\u22126\uff0d7')).toBe('1-2-3-4-5-6-7');
    }
  });

  it('leaves all else as it is', () => {
    const text = 'a-b c_d 0-9 Zürich 東京 ½ ² ④ 😀 \ud800 tab\t.';
    expect(asciiDigits(text)).toBe(text);
  });
});
