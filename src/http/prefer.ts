/** A connection is not held longer than this: below the 29 s after which gateways cut it. */
export const MAX_WAIT_SECONDS = 25;

/** The members of a comma-separated list; commas in quoted text do not part. Never backtracks. */
const MEMBERS = /(?:[^",]|"(?:[^"\\]|\\.)*"?)+/g;

/** Name, then value as a token or as quoted text, then parameters, which mean nothing to `wait`. */
const PREFERENCE = /^[ \t]*([^ \t=;",]+)(?:[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^ \t";]*)))?[ \t]*(?:;|$)/;

/**
 * How long the client prefers to wait, from the header `Prefer` (RFC 7240): whole seconds, at most 25; 0 if it
 * names no time to wait or none that can be read. Other preferences and all parameters are passed over. Of several
 * `wait` the first counts, even if it cannot be read (section 2: "only the first instance is to be considered").
 */
export function parsePrefer(header: string | undefined): number {
  for (const [member] of header?.matchAll(MEMBERS) ?? []) {
    const [, name, quoted, token] = PREFERENCE.exec(member) ?? [];
    if (name?.toLowerCase() !== 'wait') continue;
    const value = quoted ?? token ?? '';
    return /^\d+$/.test(value) ? Math.min(Number(value), MAX_WAIT_SECONDS) : 0;
  }
  return 0;
}
