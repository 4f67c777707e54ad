import { expect, it } from 'vitest';
import { parseMeterArguments } from './arguments.ts';

it('writes unless something else is asked for', () => {
  expect(parseMeterArguments([])).toBe('write');
  expect(parseMeterArguments(['--json'])).toBe('print');
  expect(parseMeterArguments(['--check'])).toBe('check');
  expect(parseMeterArguments(['--check', '--json'])).toBe('check-and-print');
  expect(parseMeterArguments(['--check', '--help'])).toBe('help');
});

it('refuses what it does not know', () => {
  expect(() => parseMeterArguments(['--chek'])).toThrow(/--chek/);
  expect(() => parseMeterArguments(['measured.json'])).toThrow(/measured\.json/);
});
