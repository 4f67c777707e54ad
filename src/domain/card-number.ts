import { issuedLengths } from './card-issuers.ts';
import { asciiDigits } from './unicode-digits.ts';

/**
 * Finding card numbers, so that none ever enters (api.md, "Card numbers never enter"). A candidate is a run of whole
 * digit groups joined by single spaces or dashes, 13 to 19 digits together, not touching a letter or underscore,
 * with a known issuer's prefix and length, that passes Luhn (ISO/IEC 7812-1, annex B). UUIDs are set aside first.
 *
 * Digits of every script count (a Japanese keyboard types fullwidth ones, and the number is as real), as do every
 * single space and dash of Unicode. Invisible characters are not looked through: they break a run.
 */

const MIN_DIGITS = 13;
const MAX_DIGITS = 19;
/** What tells the issuer. */
const PREFIX_DIGITS = 6;

/** What almost no text has. One pass: from each digit it looks 13 digits ahead at most. */
const ENOUGH_DIGITS = /\d(?:[ -]?\d){12}/;
const NOT_ASCII = /[\u0080-\uffff]/;

/** Not within a longer row of digits: else the front of a card number could pass for the back of a UUID. */
const UUID = /(?<!\d)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}(?!\d)/gi;
/** Neither a letter nor a joint: what stood on both sides of the UUID stays as it was. */
const SET_ASIDE = ',';

/** A whole run of groups, with the letter or underscore that it touches on either side, if any. */
const RUN = /([\p{L}\p{M}_]?)(\d+(?:[ -]\d+)*)(?=([\p{L}\p{M}_]?))/gu;

const JOINT = /[ -]/g;
/** Code of the digit 0; those of the joints are below it. */
const ZERO = 48;

/** Whether the text holds a card number. Linear in its length; two regular expressions and no more when there are few digits. */
export function containsCardNumber(text: string): boolean {
  if (text.length < MIN_DIGITS) return false;
  const plain = NOT_ASCII.test(text) ? asciiDigits(text) : text;
  if (!ENOUGH_DIGITS.test(plain)) return false;
  for (const [, before, groups, after] of plain.replace(UUID, SET_ASIDE).matchAll(RUN)) {
    if (runHoldsCardNumber(groups as string, before !== '', after !== '')) return true;
  }
  return false;
}

/** The digits of a run, with what makes each window of them cheap to judge. */
interface Run {
  digits: string;
  /** Places between digits, the two ends included, where a group begins or ends. */
  bounds: readonly number[];
  /** Luhn sums of the first n digits, doubling those at even places and those at odd places. */
  sums: readonly [readonly number[], readonly number[]];
}

function readRun(groups: string): Run {
  const digits = groups.replaceAll(JOINT, '');
  const bounds = [0];
  for (let at = 0; at < groups.length; at += 1) {
    if (groups.charCodeAt(at) < ZERO) bounds.push(at - bounds.length + 1);
  }
  bounds.push(digits.length);
  const evenDoubled = [0];
  const oddDoubled = [0];
  let even = 0;
  let odd = 0;
  for (let place = 0; place < digits.length; place += 1) {
    const digit = digits.charCodeAt(place) - ZERO;
    const doubled = digit > 4 ? digit * 2 - 9 : digit * 2;
    even += place % 2 === 0 ? doubled : digit;
    odd += place % 2 === 0 ? digit : doubled;
    evenDoubled.push(even);
    oddDoubled.push(odd);
  }
  return { digits, bounds, sums: [evenDoubled, oddDoubled] };
}

/** Tries every window of whole groups: no more than 19 begin at each bound, since each group has a digit. */
function runHoldsCardNumber(groups: string, touchesBefore: boolean, touchesAfter: boolean): boolean {
  const { digits, bounds, sums } = readRun(groups);
  const ends = bounds.slice(0, touchesAfter ? -1 : undefined);
  for (let start = touchesBefore ? 1 : 0; start < ends.length; start += 1) {
    const from = bounds[start] as number;
    const lengths = issuedLengths(Number(digits.slice(from, from + PREFIX_DIGITS)));
    if (lengths === 0) continue;
    for (let end = start + 1; end < ends.length; end += 1) {
      const to = ends[end] as number;
      if (to - from > MAX_DIGITS) break;
      if (((lengths >> (to - from)) & 1) === 0) continue;
      // The last digit is not doubled, nor is every other one before it.
      const luhn = to % 2 === 0 ? sums[0] : sums[1];
      if (((luhn[to] as number) - (luhn[from] as number)) % 10 === 0) return true;
    }
  }
  return false;
}

/**
 * Whether a key, string or number of a parsed JSON document holds a card number. A number is read as its shortest
 * decimal text, so `4.242424242424242e15` is found; one above 2^53 has lost digits in parsing, so that the text
 * of the document is to be scanned as well. Uses no stack: any depth is safe.
 */
export function scanJson(value: unknown): boolean {
  const waiting: unknown[] = [value];
  while (waiting.length > 0) {
    const next = waiting.pop();
    if (typeof next === 'string' || (typeof next === 'number' && !isShortWhole(next))) {
      if (containsCardNumber(String(next))) return true;
    } else if (Array.isArray(next)) {
      for (const member of next) waiting.push(member);
    } else if (typeof next === 'object' && next !== null) {
      for (const [name, member] of Object.entries(next)) waiting.push(name, member);
    }
  }
  return false;
}

/** Written with fewer digits than any card number has, as amounts are. */
function isShortWhole(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) < 10 ** (MIN_DIGITS - 1);
}

const LONG_DIGITS = /\p{Nd}(?:[\p{Zs}\p{Pd}\u2212]?\p{Nd}){12,}/gu;

/** For the details of errors, which never echo 13 digits or more, card number or not. */
export function redactDigits(text: string): string {
  return text.replace(LONG_DIGITS, '[redacted]');
}
