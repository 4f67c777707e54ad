import { describe, expect, it } from 'vitest';
import { fromItem, toAttribute, toItem } from './attributes.ts';

describe('attributes', () => {
  it.each<[string, unknown, object]>([
    ['a text', 'abc', { S: 'abc' }],
    ['an empty text', '', { S: '' }],
    ['a whole number', -12, { N: '-12' }],
    ['the largest number that is exact', 9_007_199_254_740_991, { N: '9007199254740991' }],
    ['true', true, { BOOL: true }],
    ['false', false, { BOOL: false }],
    ['null', null, { NULL: true }],
    ['a list', ['a', 1, []], { L: [{ S: 'a' }, { N: '1' }, { L: [] }] }],
    ['a map', { a: {}, b: 1 }, { M: { a: { M: {} }, b: { N: '1' } } }],
  ])('write %s, and read it back', (_, value, attribute) => {
    expect(toAttribute(value)).toEqual(attribute);
    expect(fromItem(toItem({ value }))).toEqual({ value });
  });

  it.each([0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY, undefined, 1n, () => 0])(
    'refuse %s, which no record holds',
    (value) => {
      expect(() => toAttribute(value)).toThrow(TypeError);
    },
  );

  it('refuse to read a type that was never written here', () => {
    expect(() => fromItem({ value: { SS: ['a'] } as object })).toThrow('type SS');
  });

  it('replace half of a surrogate pair, in names too, since no request could carry it', () => {
    expect(toItem({ '\ud83e': 'a\udfffb' })).toEqual({ '\ufffd': { S: 'a\ufffdb' } });
  });

  it('keep names that mean something to JavaScript', () => {
    const record = JSON.parse('{"__proto__": "a", "constructor": "b"}');
    const back = fromItem(toItem(record));
    expect(Object.entries(back)).toEqual([
      ['__proto__', 'a'],
      ['constructor', 'b'],
    ]);
  });
});
