import { redactDigits } from './card-number.ts';

/**
 * What must be kept nowhere, beside card numbers: API keys, which open an account to whoever reads them later, and the
 * security codes of cards, which nobody may keep after authorization (PCI DSS 4.0.1, 3.3.1.2).
 */

/** An API key, wherever in a text it stands: its secret is longer than any name that people give. */
const API_KEY = /tg_(live|test)_([a-z0-9]+)_[a-z0-9]{26,}[0-9A-Za-z]{6}/gi;
/** What every one of them has, so that almost all text is looked at once and no more. */
const KEY_PREFIX = /tg_(?:live|test)_/i;

/** Whether the text holds what has the form of an API key, a working one or not. */
export function holdsApiKey(text: string): boolean {
  return KEY_PREFIX.test(text) && text.search(API_KEY) !== -1;
}

/**
 * A code beside its name: `CVC 123`, `cvv2: 1234`, `security code is 123`. Alone, three digits are only digits, and
 * `CSC 101` is a course in computer science unless a card is named. No part of it may be long: time grows with the
 * text's length and no faster.
 */
const NAMED_CODE =
  /(?<![\p{L}\p{Nd}_])(?:card[ _-]?csc|(?:card[ _-]?)?(?:cvc2?|cvv2?|cav2|security[ _-]?code))(?: (?:code|is|was|number))?["']?[ \t]{0,3}[:=#]?[ \t]{0,3}["']?\p{Nd}{3,4}(?![\p{L}\p{Nd}])/iu;

/** What almost no text has, and is quick to look for. */
const LIKE_A_CODE = /cvc|cvv|csc|cav2|code/i;

/**
 * Names of fields that hold nothing else, without what parts their words. `pin`, `cid`, `csc`, `track1` and
 * `verification_code` mean too much besides.
 */
const CODE_NAME =
  /^(?:card|cc|creditcard)?(?:cvc2?|cvv2?|cav2|securitycode)(?:code|number|value)?$|^(?:card|cc|creditcard)(?:csc|verification(?:value|code))$|^(?:pinblock|(?:card|mag|magstripe)?track[12]?data)$/;
/** What few names have, and is quick to look for. */
const LIKE_A_CODE_NAME = /c[vsa]|code|verif|pin|track/i;
const PARTING = /[^\p{L}\p{Nd}]/gu;
const DIGIT = /\p{Nd}/u;

/** Whether a field is one for the security code, the PIN or the magnetic track of a card, and holds it: not a mere `pass`. */
export function isSecurityCode(name: string, value: string): boolean {
  return (
    LIKE_A_CODE_NAME.test(name) &&
    DIGIT.test(value) &&
    CODE_NAME.test(name.replaceAll(PARTING, '').toLowerCase())
  );
}

/** Whether the text says the security code of a card, and that it is one. */
export function holdsSecurityCode(text: string): boolean {
  return LIKE_A_CODE.test(text) && NAMED_CODE.test(text);
}

/** For whatever is said in answers, errors and on terminals: without long runs of digits, and without secrets of keys. */
export function redact(text: string): string {
  const plain = redactDigits(text);
  return KEY_PREFIX.test(plain) ? plain.replaceAll(API_KEY, 'tg_$1_$2_[redacted]') : plain;
}

/** Fields of log lines that are what somebody else said: a PSP, AWS, SQLite. Ids were looked at when they came in. */
const SAID = new Set(['error', 'stack', 'reason']);

/** The fields of a line of log, without what others may have said in them. */
export function redactSaid(fields: object): object {
  const redacted = Object.entries(fields).map(([name, value]) => [
    name,
    typeof value === 'string' && SAID.has(name) ? redact(value) : value,
  ]);
  return Object.fromEntries(redacted);
}
