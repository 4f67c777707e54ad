import { describe, expect, it } from 'vitest';
import { holdsApiKey, holdsSecurityCode, isSecurityCode, redact, redactSaid } from './forbidden-text.ts';

const SECRET = '7h2k9m4n6p8q1r3s5t7v9w2x4y6z8a0b1c3d5e7f9g1h3j5k7m9n';
const KEY = `tg_test_a1b2c3d4e5f6g7h8_${SECRET}0aZ9bY`;

describe('holdsApiKey', () => {
  it.each([KEY, `before ${KEY}, after`, KEY.replace('test', 'live'), KEY.toUpperCase(), `x${KEY}x`])(
    'finds %s',
    (text) => expect(holdsApiKey(text)).toBe(true),
  );

  it.each(['', 'tg_test_', 'tg_test_order_1001', KEY.slice(0, 40), `tg_prod_a_${SECRET}`, SECRET])(
    'leaves %j alone',
    (text) => expect(holdsApiKey(text)).toBe(false),
  );

  it('finds each time it is asked', () => {
    expect([holdsApiKey(KEY), holdsApiKey(KEY), holdsApiKey(`${KEY} ${KEY}`)]).toEqual([true, true, true]);
  });
});

describe('isSecurityCode', () => {
  it.each([
    ...[
      'cvc',
      'CVC',
      'cvv',
      'cvv2',
      'cvc2',
      'card_csc',
      'CAV2',
      'cvv_code',
      'cvc-number',
      'card_cvc',
      'cardCvv',
    ],
    ...['cc.cvv', 'security_code', 'card_security_code', 'CardSecurityCode', 'card verification value'],
    ...['card_verification_code', 'pin_block', 'track_1_data', 'track2_data', 'mag_track_data'],
  ])('knows %s', (name) => expect(isSecurityCode(name, '123')).toBe(true));

  it.each([
    ...['', 'order', 'pin', 'cid', 'cvs', 'cvc_check', 'security', 'verification_code', 'tracking', 'track'],
    ...['track_1000', 'discvc', 'cvcs', 'csc', 'track1', 'track_2'],
  ])('takes %j for something else', (name) => expect(isSecurityCode(name, '123')).toBe(false));

  it('takes what was found about a code for something else than the code', () => {
    for (const value of ['pass', '', 'not checked']) expect(isSecurityCode('cvc', value)).toBe(false);
    expect(isSecurityCode('cvc', '１２３')).toBe(true);
  });
});

describe('holdsSecurityCode', () => {
  it.each([
    ...['cvc 123', 'CVC: 123', 'cvv=1234', 'visa, cvv2 #123.', 'card, security code 123', '{"cvc":"123"}'],
    ...[
      "cvc:'123'",
      'card CSC 1234',
      'cvv code 123',
      'the cvc is 123',
      'cvc １２３',
      'cvc123',
      'card_cvc: 999',
    ],
  ])('finds it in %j', (text) => expect(holdsSecurityCode(text)).toBe(true));

  it.each([
    ...['', '123', 'cvc', 'cvc wrong', 'cvc 12', 'cvc 12345', 'cvc 123a', 'discvc 123', 'incorrect_cvc'],
    ...[
      'pm_card_chargeDeclinedIncorrectCvc',
      'security desk 123',
      'order 123, cvc checked',
      'pm_cvc123',
      'CSC 101: algorithms',
    ],
  ])('not in %j', (text) => expect(holdsSecurityCode(text)).toBe(false));

  it('is quick on what is nearly one, however long', () => {
    expect(holdsSecurityCode('cvc '.repeat(50_000))).toBe(false);
    expect(holdsSecurityCode(`cvc${' '.repeat(100_000)}`)).toBe(false);
    expect(holdsApiKey('tg_test_'.repeat(20_000))).toBe(false);
    expect(holdsApiKey(`tg_test_${'a'.repeat(100_000)}`)).toBe(false);
  });
});

describe('redact', () => {
  it('takes out the secrets of keys, and leaves which keys they are', () => {
    expect(redact(`"${KEY}" and ${KEY}`)).toBe(
      '"tg_test_a1b2c3d4e5f6g7h8_[redacted]" and tg_test_a1b2c3d4e5f6g7h8_[redacted]',
    );
  });

  it('takes out 13 digits and more, and leaves all else', () => {
    expect(redact('4242 4242 4242 4242 and 42')).toBe('[redacted] and 42');
    expect(redact('tg_test_a_b')).toBe('tg_test_a_b');
  });
});

describe('redactSaid', () => {
  it('takes both out of what others said, and leaves ids, numbers and lists', () => {
    const error = `declined: 4242424242424242, ${KEY}`;
    const fields = { payment_id: '20260131120000', attempt: 4_242_424_242_424, list: [1], reason: 1 };
    expect(redactSaid({ ...fields, error, stack: error })).toEqual({
      ...fields,
      error: 'declined: [redacted], tg_test_a1b2c3d4e5f6g7h8_[redacted]',
      stack: 'declined: [redacted], tg_test_a1b2c3d4e5f6g7h8_[redacted]',
    });
  });
});
