/** The IETF draft leaves the length to the server; 255 is what most take. */
const MAX_KEY_LENGTH = 255;

/** Printable ASCII, and the tab, which may stand around the key but not in it. */
const TEXT = /^[\t -~]*$/;

/** A String of structured fields (RFC 9651, section 3.3.3): only the quote and the backslash are escaped. */
const QUOTED = /^"((?:[ !#-[\]-~]|\\["\\])*)"$/;

/** `problem` says what is wrong, to go on a sentence that begins "The Idempotency-Key header". */
export type IdempotencyKey = { value: string | undefined } | { problem: string };

/**
 * The key in a header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header: a structured-field String).
 * Most clients send it bare, so that is taken as well; bare and quoted, it is the same key. Parameters after a
 * quoted key are refused rather than ignored: two keys that differ must never become one.
 * @returns the key, undefined if there is no header, or what is wrong, in words that repeat nothing of it
 */
export function parseIdempotencyKey(header: string | undefined): IdempotencyKey {
  if (header === undefined) return { value: undefined };
  const text = header.trim();
  if (!TEXT.test(header) || text.includes('\t'))
    return { problem: 'has characters that are not printable ASCII' };
  let value = text;
  if (text.startsWith('"')) {
    const inner = QUOTED.exec(text)?.[1];
    if (inner === undefined) {
      return { problem: 'begins with a quote and is not a quoted string; send the key bare, or as "key"' };
    }
    value = inner.replace(/\\(.)/g, '$1');
  }
  if (value === '') return { problem: `is empty; leave it out, or send 1 to ${MAX_KEY_LENGTH} characters` };
  if (value.length > MAX_KEY_LENGTH) {
    return { problem: `has ${value.length} characters; send at most ${MAX_KEY_LENGTH}` };
  }
  return { value };
}
