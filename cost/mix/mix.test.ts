import { describe, expect, it } from 'vitest';
import { countOf, LIVES, MixError, mixHash, parseMix, readMix } from './mix.ts';

const mix = readMix();

describe('the mix', () => {
  it('is read, and each of its shares is a whole number of payments', () => {
    const counts = LIVES.map((life) => countOf(mix, mix.lives[life]));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(mix.payments);
  });

  it('is refused when its shares do not add up, with what they add up to', () => {
    const lives = { ...mix.lives, completed: 0.85 };
    expect(() => parseMix({ ...mix, lives })).toThrow(/add up to 0\.99; make them add up to 1/);
  });

  it('takes shares that add up to 1 as decimals, though not as doubles', () => {
    const lives = { completed: 0.7, declined: 0.1, challenged: 0.1, captured: 0.1, canceled: 0, unknown: 0 };
    expect(() =>
      parseMix({ ...mix, payments: 10, lives, refundedShare: 0.1, replayedShare: 0 }),
    ).not.toThrow();
  });

  it('is refused when a share is a part of a payment, with how much it is', () => {
    expect(() => parseMix({ ...mix, payments: 150 })).toThrow(
      /lives\.canceled: 0\.01 of 150 payments is 1\.5/,
    );
    expect(() => parseMix({ ...mix, replayedShare: 0.001 })).toThrow(
      /replayedShare: 0\.001 of 200 payments is 0\.2/,
    );
  });

  it('is refused when more are refunded than completed', () => {
    expect(() => parseMix({ ...mix, refundedShare: 0.9 })).toThrow(
      /refundedShare: 0\.9 is more than the 0\.86/,
    );
  });

  it('is refused with every problem named: what is missing, what is unknown, what is out of range', () => {
    const { waitShare: _waitShare, ...rest } = mix;
    expect(() => parseMix({ ...rest, blockedShare: 2 })).toThrow(MixError);
    expect(() => parseMix({ ...rest, blockedShare: 2 })).toThrow(/waitShare[\s\S]*blockedShare/);
    expect(() => parseMix({ ...mix, extra: 1 })).toThrow(/extra/);
    expect(() => parseMix('none')).toThrow(/the mix/);
  });

  it('has a hash of what it says, and not of how it is written', () => {
    const { sizes, ...rest } = mix;
    expect(mixHash({ sizes, ...rest, $note: 'another' })).toBe(mixHash(mix));
    expect(mixHash({ ...mix, readsPerPayment: 0.3 })).not.toBe(mixHash(mix));
    expect(mixHash({ ...mix, keptMonths: 6, waitShare: 0.1 })).toBe(mixHash(mix));
  });
});
