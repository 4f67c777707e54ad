import type { Dice } from './dice.ts';

const WORDS = [
  'Order',
  'of',
  'two',
  'blue',
  'chairs',
  'for',
  'Ana',
  'and',
  'Björn',
  '注文',
  'заказ',
  '🪑',
  'é',
  '"q"',
  '\\',
  '/',
];

/** Odd and well-formed: what Unicode has that is easily mishandled. */
export const ODD_TEXTS: readonly string[] = [
  '',
  ' ',
  '\u0000',
  'a\u0000b',
  '\u0001\u001f\u007f\u0085',
  '\u202eright to left\u202c',
  '\u200b\u200d\ufeff',
  '\u2028\u2029',
  '\ufffe\uffff\ufffd',
  '\u{10ffff}\u{1f469}\u200d\u{1f4bb}',
  '٣٤٥ ४५६ １２３',
  'İıſK',
  'e\u0301\u0301\u0301',
  '__proto__',
  'constructor',
  'toString',
  'null',
  '-1',
  '$' + '{7*7} {{7*7}} %s %n',
  "'; DROP TABLE payments; --",
  '<script>alert(1)</script>',
  '\r\nX-Injected: yes\r\n\r\n',
  '../../etc/passwd',
];

/** Escapes of halves of surrogate pairs, as they stand in JSON. */
export const HALVES: readonly string[] = [
  '\\ud800',
  '\\udfff',
  'a\\ud83e',
  '\\udc00\\ud800',
  '\\uD83E\\u0041',
];

/** Of exactly so many characters, as JSON Schema counts them. */
export function textOf(dice: Dice, length: number): string {
  const wide = dice.chance(0.2);
  return Array.from({ length }, () => (wide ? '🪑' : dice.oneOf([...'abcdefghij -_.']))).join('');
}

export function sentence(dice: Dice): string {
  return Array.from({ length: dice.between(1, 6) }, () => dice.oneOf(WORDS)).join(' ');
}
