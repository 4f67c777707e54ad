import { hash } from 'node:crypto';

/** What the first record's hash covers in the place of a predecessor's. */
export const GENESIS_HASH = '0'.repeat(64);

export interface ChainedLine {
  /** Without a newline, and with none inside. */
  line: string;
  hash: string;
}

export type LineCheck = { ok: true; hash: string } | { ok: false; problem: string };

/** The last bytes of every line: `,"hash":"<64 hex>"}`. */
const HASH_MEMBER = /^,"hash":"([0-9a-f]{64})"\}$/;
const HASH_MEMBER_BYTES = 75;
const HASH_BYTES = 64;
const CLOSING_BRACE = 0x7d;

const NOT_JSON = 'is not JSON: it was edited, or cut';
const NO_HASH = 'does not end in its hash: it was edited, or did not come from Tollgate';
const BROKEN_LINK =
  'does not follow from the record before it: it was edited, or a record was dropped, swapped or inserted here';

/**
 * Chains an entry to the record before it. Its bytes depend on nothing else, so what a crash cut off is written
 * again to the byte.
 */
export function chainEntry(previousHash: string, entry: Readonly<Record<string, unknown>>): ChainedLine {
  const body = JSON.stringify(entry);
  if (body.length <= 2 || 'hash' in entry) {
    throw new Error(
      `An audit entry needs at least one member, and none named "hash". Received: ${body.slice(0, 80)}`,
    );
  }
  const own = hash('sha256', previousHash + body, 'hex');
  return { line: `${body.slice(0, -1)},"hash":"${own}"}`, hash: own };
}

/** The hash that a line claims for itself; null if it does not end in one. */
export function claimedHash(line: Uint8Array): string | null {
  const end = asBuffer(line).toString('latin1', Math.max(0, line.length - HASH_MEMBER_BYTES));
  return HASH_MEMBER.exec(end)?.[1] ?? null;
}

/**
 * Whether a line is whole and follows from the record with `previousHash`.
 * @param line its exact bytes, not text: decoding would make two different invalid bytes equal
 */
export function checkLine(previousHash: string, line: Uint8Array): LineCheck {
  const claimed = claimedHash(line);
  if (claimed === null) return { ok: false, problem: isJson(line) ? NO_HASH : NOT_JSON };
  const bodyBytes = line.length - HASH_MEMBER_BYTES;
  const covered = Buffer.allocUnsafe(HASH_BYTES + bodyBytes + 1);
  covered.write(previousHash, 'latin1');
  asBuffer(line).copy(covered, HASH_BYTES, 0, bodyBytes);
  covered[HASH_BYTES + bodyBytes] = CLOSING_BRACE;
  if (hash('sha256', covered, 'hex') === claimed) return { ok: true, hash: claimed };
  return { ok: false, problem: isJson(line) ? BROKEN_LINK : NOT_JSON };
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function isJson(line: Uint8Array): boolean {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(line));
    return true;
  } catch {
    return false;
  }
}
