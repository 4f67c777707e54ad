import { isUtf8 } from 'node:buffer';
import type { Contract, Schema } from './contract.ts';
import { KNOWN_VALUES } from './fitting-values.ts';

/** The server's default for the longest body. */
export const MOST_BODY_BYTES = 8_192;

/** What a body must be answered with, as the document has it: a refusal, or null if it must not be refused as a body. */
export type BodyVerdict = '413 body_too_large' | '400 malformed_json' | '400 invalid_request' | null;

/** The document names ISO 4217 and not its members: these are all that are ever sent. */
const CURRENCIES = new Set(KNOWN_VALUES.currency.map((code) => code.toLowerCase()));

/** Judges bodies by the document, and by what it says in words. */
export function createBodyOracle(contract: Contract) {
  return (schema: Schema, body: Buffer): BodyVerdict => {
    if (body.length > MOST_BODY_BYTES) return '413 body_too_large';
    if (!isUtf8(body)) return '400 malformed_json';
    const parsed = parse(body);
    if (parsed === undefined) return '400 malformed_json';
    const fits = contract.fits(schema, parsed.value) && keepsItsWord(parsed.value as object);
    return fits ? null : '400 invalid_request';
  };
}

function parse(body: Buffer): { value: unknown } | undefined {
  if (body.length === 0) return { value: {} };
  try {
    return { value: JSON.parse(body.toString('utf8')) };
  } catch {
    return undefined;
  }
}

/** Currencies and addresses, which have no schema; and texts that are no Unicode, which have none either. */
function keepsItsWord(value: object): boolean {
  const { currency, return_url } = value as { currency?: string | null; return_url?: string | null };
  if (typeof currency === 'string' && !CURRENCIES.has(currency.toLowerCase())) return false;
  if (typeof return_url === 'string' && !isWebAddress(return_url)) return false;
  return isWellFormed(value);
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return value.isWellFormed();
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(
    ([name, member]) => name !== '__proto__' && name.isWellFormed() && isWellFormed(member),
  );
}
