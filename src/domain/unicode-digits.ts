/** Digits, spaces and dashes of Unicode that are not those of ASCII. U+2212 is the minus sign, a dash to the eye. */
const FOREIGN = /(?![0-9 -])[\p{Nd}\p{Zs}\p{Pd}\u2212]/gu;
const DIGIT = /^\p{Nd}$/u;
const SPACE = /^\p{Zs}$/u;

/** Filled as characters are met; Unicode has fewer than a thousand of them. */
const known = new Map<string, string>();

/** The text with every decimal digit, space and dash of Unicode as that of ASCII. All else stays as it is. */
export function asciiDigits(text: string): string {
  return text.replace(FOREIGN, (character) => {
    const cached = known.get(character);
    if (cached !== undefined) return cached;
    const plain = toAscii(character);
    known.set(character, plain);
    return plain;
  });
}

function toAscii(character: string): string {
  if (SPACE.test(character)) return ' ';
  if (!DIGIT.test(character)) return '-';
  // Digits stand in rows of ten from zero up (Unicode, section 4.6), rows sometimes end to end.
  const codePoint = character.codePointAt(0) as number;
  let first = codePoint;
  while (DIGIT.test(String.fromCodePoint(first - 1))) first -= 1;
  return String((codePoint - first) % 10);
}
