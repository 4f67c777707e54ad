import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { containsCardNumber, redactDigits, scanJson } from './card-number.ts';

/** Public test numbers, by scheme. */
const TEST_NUMBERS = {
  visa: ['4242424242424242', '4000056655665556', '4111111111111111', '4012888888881881', '4222222222222'],
  'visa of 19 digits': ['4000000000000000006'],
  mastercard: ['5555555555554444', '5200828282828210', '5105105105105100'],
  'mastercard of the 2-series': ['2223003122003222', '2221000000000009', '2720990000000007'],
  amex: ['378282246310005', '371449635398431', '341111111111111'],
  discover: [
    '6011111111111117',
    '6011000990139424',
    '6445644564456445',
    '6510000000000000',
    '6221260000000000',
  ],
  'diners club': ['36227206271667', '30569309025904', '3056930009020004', '38520000023237', '30950000000000'],
  jcb: ['3566002020360505', '3530111333300000'],
  unionpay: ['6200000000000005', '6205500000000000004', '8171999927660000'],
  maestro: [
    '6759649826438453',
    '5018000000000009',
    '5641820000000005',
    '6304000000000000',
    '6799990100000000019',
  ],
  mir: ['2200000000000004', '2204000000000000'],
  rupay: ['6074820000000007', '8200000000000007', '5085000000000000'],
  'troy, uzcard and humo': ['9792030000000000', '8600000000000000', '9860000000000000'],
} as const;

/** Replaces the last digit by the one that makes the number pass Luhn. */
function withCheckDigit(digits: string): string {
  const body = digits.slice(0, -1);
  const sum = [...body].reverse().reduce((total, character, place) => {
    const weighted = Number(character) * (place % 2 === 0 ? 2 : 1);
    return total + (weighted > 9 ? weighted - 9 : weighted);
  }, 0);
  return `${body}${(10 - (sum % 10)) % 10}`;
}

function groupsOf(digits: string, sizes: readonly number[], joint: string): string {
  const groups: string[] = [];
  let rest = digits;
  for (const size of [...sizes, rest.length]) {
    if (rest !== '') groups.push(rest.slice(0, size));
    rest = rest.slice(size);
  }
  return groups.join(joint);
}

/** Deterministic bytes: the n-th block of SHA-256 in counter mode. */
function* seededHex(seed: string): Generator<string> {
  for (let block = 0; ; block += 1) yield createHash('sha256').update(`${seed}${block}`).digest('hex');
}

describe('containsCardNumber', () => {
  for (const [scheme, given] of Object.entries(TEST_NUMBERS)) {
    it(`finds the test numbers of ${scheme}, in every usual spelling`, () => {
      for (const number of given.map(withCheckDigit)) {
        for (const joint of [' ', '-']) {
          expect(containsCardNumber(groupsOf(number, [4, 4, 4, 4], joint))).toBe(true);
          expect(containsCardNumber(groupsOf(number, [4, 6], joint))).toBe(true);
        }
        for (const text of [
          number,
          `card: ${number}.`,
          `"${number}"`,
          `(${number})`,
          `${number},${number}`,
          `+${number}`,
        ])
          expect(containsCardNumber(text), text).toBe(true);
      }
    });
  }

  it('knows the published test numbers as they are, which pass Luhn by themselves', () => {
    const published = ['4242424242424242', '5555555555554444', '378282246310005', '6011111111111117'];
    for (const number of [...published, '36227206271667', '3566002020360505', '6200000000000005'])
      expect(withCheckDigit(number)).toBe(number);
  });

  it('finds a number that is made of consecutive whole groups of a longer run', () => {
    expect(containsCardNumber('order 12 4242 4242 4242 4242')).toBe(true);
    expect(containsCardNumber('order 12 4242 4242 4242 4242 12 27')).toBe(true);
    expect(containsCardNumber('12-4242424242424242-99-1')).toBe(true);
    expect(containsCardNumber(`${'7 '.repeat(500)}4242 4242 4242 4242${' 7'.repeat(500)}`)).toBe(true);
  });

  it('does not look into a group: a window of a longer number is no card number', () => {
    expect(containsCardNumber('14242424242424242')).toBe(false);
    expect(containsCardNumber('42424242424242420')).toBe(false);
    expect(containsCardNumber('12 14242 4242 4242 4242')).toBe(false);
    expect(containsCardNumber(`${'4242424242424242'.repeat(3)}`)).toBe(false);
  });

  it('takes one space or dash as a joint, and nothing else', () => {
    expect(containsCardNumber('4242-4242 4242-4242')).toBe(true);
    for (const joint of ['  ', '--', ' - ', '.', '/', ',', '\n', '\t', ':', '\u200b'])
      expect(containsCardNumber(`4242${joint}4242${joint}4242${joint}4242`), JSON.stringify(joint)).toBe(
        false,
      );
  });

  it('passes over what touches a letter or an underscore', () => {
    const touching = ['pay_4242424242424242', 'a4242424242424242', '4242424242424242z', '4242424242424242_1'];
    for (const text of [
      ...touching,
      'é4242424242424242',
      'e\u03014242424242424242',
      '4242424242424242名',
      '𝒜4242424242424242',
    ])
      expect(containsCardNumber(text), text).toBe(false);
    expect(containsCardNumber('a4242 4242 4242 4242')).toBe(false);
    expect(containsCardNumber('4242 4242 4242 4242x')).toBe(false);
  });

  it('still finds what stands in whole groups beside a group that touches a letter', () => {
    expect(containsCardNumber('pay_12 4242 4242 4242 4242')).toBe(true);
    expect(containsCardNumber('4242 4242 4242 4242 12x')).toBe(true);
    expect(containsCardNumber('card-4242-4242-4242-4242-visa')).toBe(true);
    expect(containsCardNumber('a1 4242 4242 4242 4242 1b')).toBe(true);
  });

  it('asks for a known prefix, its length, and Luhn', () => {
    expect(containsCardNumber('4242424242424241')).toBe(false);
    expect(containsCardNumber(withCheckDigit('1242424242424242'))).toBe(false);
    expect(containsCardNumber(withCheckDigit('0000000000000000'))).toBe(false);
    expect(containsCardNumber(withCheckDigit('424242424242424'))).toBe(false);
    expect(containsCardNumber(withCheckDigit('42424242424242424'))).toBe(false);
    expect(containsCardNumber(withCheckDigit('37828224631000'))).toBe(false);
    expect(containsCardNumber(withCheckDigit('2220990000000000'))).toBe(false);
    expect(containsCardNumber(withCheckDigit('2721000000000000'))).toBe(false);
    expect(containsCardNumber(withCheckDigit('3527000000000000'))).toBe(false);
    expect(containsCardNumber(withCheckDigit('400000000000'))).toBe(false);
    expect(containsCardNumber(withCheckDigit('40000000000000000000'))).toBe(false);
  });

  it('passes over times, amounts and the like', () => {
    const harmless = [
      '',
      '1000',
      '999999999999',
      '1767225600000',
      '2026-01-01T00:00:00.000Z',
      '2026-01-01 2026-02-01',
    ];
    for (const text of [
      ...harmless,
      'order-1',
      '+49 30 1234567',
      'pm_card_visa',
      '999999999999 usd 2026-01-01',
      '½²④',
    ])
      expect(containsCardNumber(text), text).toBe(false);
  });

  it('reads the digits, spaces and dashes of every script', () => {
    const fullwidth = [...'4242424242424242']
      .map((digit) => String.fromCodePoint(0xff10 + Number(digit)))
      .join('');
    const arabic = [...'4242424242424242']
      .map((digit) => String.fromCodePoint(0x660 + Number(digit)))
      .join('');
    for (const text of [fullwidth, arabic, `番号：${fullwidth}。`, `${arabic.slice(0, 8)}42424242`])
      expect(containsCardNumber(text), text).toBe(true);
    for (const joint of ['\u00a0', '\u202f', '\u2011', '\u2013', '\uff0d', '\u2212'])
      expect(containsCardNumber(`4242${joint}4242${joint}4242${joint}4242`), joint).toBe(true);
    expect(containsCardNumber(`名${fullwidth}`)).toBe(false);
    expect(containsCardNumber('schöne Grüße an 12 Leute')).toBe(false);
  });

  it('sets UUIDs aside, and sees what stands beside them', () => {
    const uuid = '00004242-4242-4242-4242-424242424242';
    for (const text of [
      uuid,
      `pay_${uuid}`,
      'ABCDEFAB-4242-4242-4242-424242424242',
      `{"id":"${uuid}"}`,
      `${uuid} ${uuid}`,
      `x${uuid}x`,
    ])
      expect(containsCardNumber(text), text).toBe(false);
    expect(containsCardNumber(`${uuid} 4242424242424242`)).toBe(true);
    expect(containsCardNumber(`4242424242424242-${uuid}`)).toBe(true);
    expect(containsCardNumber(`4242-4242-4242-4242 ${uuid}`)).toBe(true);
  });

  it('does not take the back of a card number for the front of a UUID', () => {
    expect(containsCardNumber('4242424242424242-1111-1111-1111-111111111111')).toBe(true);
    expect(containsCardNumber('11111111-1111-1111-4242-4242424242424242')).toBe(true);
  });

  it('raises no false alarm in 400,000 UUIDs and prefixed ids of 16 digits', () => {
    const alarms: string[] = [];
    let tried = 0;
    for (const hex of seededHex('ids')) {
      for (const half of [hex.slice(0, 32), hex.slice(32)]) {
        const groups = [
          half.slice(0, 8),
          half.slice(8, 12),
          half.slice(12, 16),
          half.slice(16, 20),
          half.slice(20),
        ];
        const uuid = groups.join('-');
        const digits = BigInt(`0x${half}`).toString().slice(-16);
        for (const id of [uuid, `pay_${uuid}`, `ord_${digits}`, `o${digits}`])
          if (containsCardNumber(id)) alarms.push(id);
        tried += 4;
      }
      if (tried >= 400_000) break;
    }
    expect(alarms).toEqual([]);
  });

  it('answers for hostile texts, whatever they repeat', () => {
    const length = 8_192;
    for (const unit of [
      '4',
      '4 ',
      '4-',
      '1 4',
      '44-4 ',
      '-',
      ' ',
      '4242 4242 4242 4241 ',
      '424242424242 x',
      '٤',
      '٤ ',
      '𝟜',
      'é',
    ])
      expect(typeof containsCardNumber(unit.repeat(length / unit.length)), unit).toBe('boolean');
    expect(containsCardNumber('1 '.repeat(length))).toBe(false);
    expect(containsCardNumber(`${'1'.repeat(length)} 4242424242424242`)).toBe(true);
  });
});

describe('scanJson', () => {
  it('looks at strings, names and numbers at every depth', () => {
    const number = '4242 4242 4242 4242';
    for (const value of [
      number,
      [number],
      { a: number },
      { [number]: 1 },
      { a: [{ b: [null, true, number] }] },
    ])
      expect(scanJson(value)).toBe(true);
    for (const value of [4242424242424242, [4.242424242424242e15], { a: -4242424242424242 }])
      expect(scanJson(value)).toBe(true);
  });

  it('passes over documents without one', () => {
    for (const value of [
      null,
      true,
      false,
      0,
      1000,
      1e21,
      1e-7,
      'p1',
      '',
      [],
      {},
      { amount: 1000, metadata: { a: 'b' } },
    ])
      expect(scanJson(value)).toBe(false);
    expect(scanJson(undefined)).toBe(false);
  });

  it('does not join what stands in two values', () => {
    expect(scanJson(['4242', '4242', '4242', '4242'])).toBe(false);
    expect(scanJson({ '42424242': '42424242' })).toBe(false);
  });

  it('goes as deep as a document can', () => {
    const depth = 200_000;
    let value: unknown = '4242424242424242';
    for (let level = 0; level < depth; level += 1) value = level % 2 === 0 ? [value] : { a: value };
    expect(scanJson(value)).toBe(true);
  });
});

describe('redactDigits', () => {
  it('takes out 13 digits and more, joined or not, card number or not', () => {
    expect(redactDigits('got "4242 4242 4242 4242" here')).toBe('got "[redacted]" here');
    expect(redactDigits('1234567890123 and 1-2-3-4-5-6-7-8-9-0-1-2-3-4')).toBe('[redacted] and [redacted]');
    expect(redactDigits(`a${'9'.repeat(5_000)}b`)).toBe('a[redacted]b');
    expect(redactDigits('pay_4242424242424242')).toBe('pay_[redacted]');
    expect(redactDigits('４２４２\u00a0４２４２\u2011４２４２\u2212٤٢٤２')).toBe('[redacted]');
  });

  it('leaves 12 digits and fewer', () => {
    for (const text of ['', 'amount 999999999999 is too much', '1234 5678 9012', '2026-01-01T00:00:00.000Z'])
      expect(redactDigits(text)).toBe(text);
  });

  it('leaves nothing in which 13 digits could be found', () => {
    for (const text of [
      '1 '.repeat(40),
      '123456789012  3456789012345',
      `${'1-'.repeat(12)}-${'1-'.repeat(13)}`,
    ])
      expect(redactDigits(text)).not.toMatch(/\d(?:[ -]?\d){12}/);
  });
});
