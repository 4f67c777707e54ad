import { hash, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { Partition } from '../domain/payment.ts';
import { timestamp } from '../domain/payment.ts';
import type { Ids } from '../ports/ids.ts';
import type { Scope, StoredKey } from '../ports/key-store.ts';

/**
 * API keys: `tg_<live|test>_<key id>_<secret><checksum>`. A prefix that scanners for leaked secrets can find; a
 * checksum that refuses a mistyped key without a look-up. Key id and secret are lower-case letters and digits, so
 * that the underscores part them without doubt. The checksum is CRC-32 of all before it, in base62 (as GitHub's).
 */

/** Who asks, once a key has been proved: all that a request may act on. */
export interface Principal extends Partition {
  key_id: string;
  scopes: readonly Scope[];
}

export interface ParsedKey {
  keyId: string;
  livemode: boolean;
  secret: string;
}

export interface NewKey {
  merchantId: string;
  livemode: boolean;
  scopes: readonly Scope[];
  /** RFC 3339; null for a key that does not expire. */
  expiresAt: string | null;
  nowMs: number;
}

/** Not secret, and in every history entry of what it did: short, and still 68 random bits at the least. */
const KEY_ID_LENGTH = 16;
const CHECKSUM_LENGTH = 6;
/** Far above any key; what is longer is not even matched. */
const MAX_KEY_LENGTH = 200;

const KEY = /^tg_(live|test)_([a-z0-9]+)_([a-z0-9]+)[0-9A-Za-z]{6}$/;
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The random part of an id: no prefix, no underscore. */
function randomText(ids: Ids): string {
  const id = ids.next('k');
  return id.slice(id.lastIndexOf('_') + 1);
}

/** CRC-32 finds every slip of one character and every swap of two neighbours. */
function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let place = 0; place < CHECKSUM_LENGTH; place += 1) {
    digits = BASE62.charAt(rest % BASE62.length) + digits;
    rest = Math.floor(rest / BASE62.length);
  }
  return digits;
}

function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** A new key: `key` to be shown once, `stored` to be kept. The secret is two ids, so at least 240 random bits. */
export function newKey({ ids }: { ids: Ids }, given: NewKey): { key: string; stored: StoredKey } {
  const keyId = randomText(ids).slice(0, KEY_ID_LENGTH);
  const secret = randomText(ids) + randomText(ids);
  const body = `tg_${given.livemode ? 'live' : 'test'}_${keyId}_${secret}`;
  return {
    key: body + checksum(body),
    stored: {
      key_id: keyId,
      merchant_id: given.merchantId,
      livemode: given.livemode,
      scopes: given.scopes,
      secret_hash: hashSecret(secret),
      created_at: timestamp(given.nowMs),
      expires_at: given.expiresAt,
      revoked_at: null,
    },
  };
}

/** The parts of a key; null if it cannot be one. Proves nothing yet. */
export function parseKey(text: string): ParsedKey | null {
  if (text.length > MAX_KEY_LENGTH) return null;
  const [, mode, keyId, secret] = KEY.exec(text) ?? [];
  if (keyId === undefined || secret === undefined) return null;
  const body = text.slice(0, -CHECKSUM_LENGTH);
  return body + checksum(body) === text ? { keyId, livemode: mode === 'live', secret } : null;
}

/** Compared against where there is no stored key, so that an unknown key takes as long as a wrong secret. */
const NO_SECRET_HASH = '0'.repeat(64);

/**
 * Whoever the key belongs to; null if it is unknown, revoked, expired, of the other mode, or its secret is wrong.
 * One answer and one timing for all of these: the secret is hashed and compared first, whatever is stored.
 */
export function authenticate(parsed: ParsedKey, stored: StoredKey | null, nowMs: number): Principal | null {
  const expected = Buffer.from(stored?.secret_hash ?? NO_SECRET_HASH);
  const actual = Buffer.from(hashSecret(parsed.secret));
  const matches = expected.length === actual.length && timingSafeEqual(expected, actual);
  if (!matches || stored === null) return null;
  if (stored.key_id !== parsed.keyId || stored.livemode !== parsed.livemode) return null;
  if (stored.revoked_at !== null) return null;
  // A time that cannot be read counts as past.
  if (stored.expires_at !== null && !(nowMs < Date.parse(stored.expires_at))) return null;
  const { merchant_id, livemode, key_id, scopes } = stored;
  return { merchant_id, livemode, key_id, scopes };
}
