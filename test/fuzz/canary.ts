/** A card number of no card (every PSP's documentation has it): nothing may keep, log or repeat it. */
const CANARY = '4111111111111111';
const GROUPS = ['4111', '1111', '1111', '1111'];
const FULLWIDTH = [...CANARY].map((digit) => String.fromCodePoint(0xff10 + Number(digit))).join('');
const ARABIC = [...CANARY].map((digit) => String.fromCodePoint(0x660 + Number(digit))).join('');

/** Ways to write it in ASCII. */
export const CARD_FORMS: readonly string[] = [CANARY, GROUPS.join(' '), GROUPS.join('-'), `${CANARY} 12/30`];
/** And in the rest of Unicode, for where that can stand. */
export const WIDE_CARD_FORMS: readonly string[] = [
  FULLWIDTH,
  ARABIC,
  GROUPS.join('\u00a0'),
  GROUPS.join('\u2013'),
  `№${CANARY}、`,
];
/** As the JSON of a number. */
export const CARD_NUMBERS: readonly string[] = [CANARY, `-${CANARY}`, '4.111111111111111e15', `${CANARY}.0`];
/** As the JSON of a text. */
export const ESCAPED_CARD_FORMS: readonly string[] = [
  `"${[...CANARY].map((digit) => `\\u003${digit}`).join('')}"`,
  `"41\\u0031111111111\\u0031111"`,
];

const JOINT = '[ \\-\\u00a0\\u2013]?';
const FOUND = new RegExp(`${GROUPS.join(JOINT)}|${FULLWIDTH}|${ARABIC}|4\\.1{15}e\\+?15`);

export function holdsCanary(text: string): boolean {
  return FOUND.test(text);
}

const NEEDLES = [...CARD_FORMS.slice(0, 3), ...WIDE_CARD_FORMS.slice(0, 4)].map((form) => Buffer.from(form));

/** The same in the bytes of a file. */
export function bytesHoldCanary(bytes: Buffer): boolean {
  return NEEDLES.some((needle) => bytes.includes(needle));
}
