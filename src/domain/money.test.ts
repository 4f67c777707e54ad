import { describe, expect, it } from 'vitest';
import { MAX_AMOUNT_MINOR } from './limits.ts';
import { currencyExponent, formatMoney, isCurrency } from './money.ts';

describe('currencies', () => {
  it.each([
    ['jpy', 0],
    ['uyi', 0],
    ['usd', 2],
    ['huf', 2],
    ['xcg', 2],
    ['kwd', 3],
    ['iqd', 3],
    ['clf', 4],
    ['uyw', 4],
  ])('%s has %i digits after the decimal point', (currency, exponent) => {
    expect(currencyExponent(currency)).toBe(exponent);
    expect(isCurrency(currency)).toBe(true);
  });

  it.each(['USD', 'Usd', 'xau', 'xdr', 'xts', 'xxx', 'us', 'usdd', '', ' ', 'usd ', 'constructor'])(
    '"%s" is not the code of a currency that can be charged',
    (currency) => {
      expect(isCurrency(currency)).toBe(false);
      expect(currencyExponent(currency)).toBeUndefined();
    },
  );
});

describe('formatMoney', () => {
  it.each([
    [1050, 'usd', '10.50 USD'],
    [5, 'usd', '0.05 USD'],
    [50, 'usd', '0.50 USD'],
    [100, 'usd', '1.00 USD'],
    [0, 'usd', '0.00 USD'],
    [-5, 'usd', '-0.05 USD'],
    [-1050, 'usd', '-10.50 USD'],
    [1050, 'jpy', '1050 JPY'],
    [-1, 'jpy', '-1 JPY'],
    [1050, 'kwd', '1.050 KWD'],
    [7, 'kwd', '0.007 KWD'],
    [12345, 'clf', '1.2345 CLF'],
    [MAX_AMOUNT_MINOR, 'eur', '9999999999.99 EUR'],
    [Number.MAX_SAFE_INTEGER, 'usd', '90071992547409.91 USD'],
  ])('writes %i minor units of %s as %s', (amountMinor, currency, text) => {
    expect(formatMoney(amountMinor, currency)).toBe(text);
  });

  it('throws on a code that is not a currency, and says which', () => {
    expect(() => formatMoney(1, 'USD')).toThrow(
      new RangeError('formatMoney: "USD" is not an ISO 4217 currency'),
    );
  });
});
