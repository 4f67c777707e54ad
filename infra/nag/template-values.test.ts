import { describe, expect, it } from 'vitest';
import { at, flatText, items, numberOf, references } from './template-values.ts';

describe('Values of a template', () => {
  it('are found by a path, as far as it goes', () => {
    expect(at({ A: { B: 1 } }, 'A', 'B')).toBe(1);
    expect(at({ A: null }, 'A', 'B')).toBeUndefined();
    expect(at([1], '0')).toBeUndefined();
  });

  it('are lists, also where one stands for a list of one', () => {
    expect([items('a'), items(['a']), items(undefined), items(null)]).toEqual([['a'], ['a'], [], []]);
  });

  it('are numbers, also as text, and no rule takes anything else for a number', () => {
    expect([numberOf(30, 'It'), numberOf('30', 'It')]).toEqual([30, 30]);
    for (const value of ['', 'many', Number.NaN, true, null, { Ref: 'Seconds' }]) {
      expect(() => numberOf(value, 'It')).toThrow(/It must be a plain number/);
    }
  });

  it('refer to resources by every function that can', () => {
    expect(references({ Ref: 'A' })).toEqual(['A']);
    expect(references({ 'Fn::GetAtt': ['A', 'Arn'] })).toEqual(['A']);
    expect(references({ 'Fn::GetAtt': 'A.Arn' })).toEqual(['A']);
    expect(references({ 'Fn::Join': ['', ['x', { Ref: 'A' }, [{ Ref: 'B' }]]] })).toEqual(['A', 'B']);
    expect(references({ 'Fn::Sub': `x\${A}y\${B.Arn}z\${!Literal}` })).toEqual(['A', 'B']);
    expect(references({ 'Fn::Sub': [`\${Own}/\${A}`, { Own: { Ref: 'B' } }] })).toEqual(['A', 'B']);
    expect(references(['text', 1, null])).toEqual([]);
  });

  it('are one text, with the names of what is only known at the deployment', () => {
    expect(flatText({ 'Fn::Join': ['-', ['a', { Ref: 'B' }, { 'Fn::GetAtt': ['C', 'Arn'] }]] })).toBe(
      'a-<B>-<C.Arn>',
    );
    expect(flatText({ 'Fn::Sub': `a-\${B}-\${!C}` })).toBe(`a-<B>-\${!C}`);
    expect([flatText(undefined), flatText(null), flatText(3)]).toEqual(['', '', '3']);
  });
});
