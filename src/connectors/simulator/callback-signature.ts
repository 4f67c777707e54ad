import { createHmac, timingSafeEqual } from 'node:crypto';
import type { PspEvent, RawCallback } from '../../ports/connector.ts';

/** How far the sender's clock may be off, and how long a call-back can be replayed: ±5 minutes. */
const TOLERANCE_SECONDS = 300;
/** More signatures than any roll-over needs are not looked at. */
const MAX_SIGNATURES = 8;
/** What the standard asks of a symmetric secret. */
const MIN_SECRET_BYTES = 24;

/** Signs and opens call-backs as https://www.standardwebhooks.com says (version 1, symmetric). */
export interface CallbackSigner {
  /** @param timestampSeconds epoch seconds of this attempt */
  sign(eventId: string, timestampSeconds: number, body: string): Record<string, string>;
  open(callback: RawCallback, nowMs: number): PspEvent | null;
}

/**
 * @param secret `whsec_` and the key in base64
 * @throws TypeError if it is anything else, or too short
 */
export function createCallbackSigner(secret: string): CallbackSigner {
  const [, encoded] = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret) ?? [];
  const key = Buffer.from(encoded ?? '', 'base64');
  if (key.length < MIN_SECRET_BYTES) {
    throw new TypeError(
      `The call-back secret must be "whsec_" and at least ${MIN_SECRET_BYTES} bytes in base64; this one has ${key.length}.`,
    );
  }

  function signature(eventId: string, timestamp: string, body: string | Uint8Array): Buffer {
    return createHmac('sha256', key).update(`${eventId}.${timestamp}.`).update(body).digest();
  }

  return {
    sign(eventId, timestampSeconds, body) {
      const timestamp = String(timestampSeconds);
      return {
        'content-type': 'application/json',
        'webhook-id': eventId,
        'webhook-timestamp': timestamp,
        'webhook-signature': `v1,${signature(eventId, timestamp, body).toString('base64')}`,
      };
    },
    open({ headers, body }, nowMs) {
      const {
        'webhook-id': eventId,
        'webhook-timestamp': timestamp,
        'webhook-signature': signatures,
      } = headers;
      if (!eventId || !timestamp || !signatures || !/^\d{1,12}$/.test(timestamp)) return null;
      if (Math.abs(nowMs / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return null;
      // As text: decoding base64 passes over what is none, and then more than one text is the same signature.
      const expected = Buffer.from(`v1,${signature(eventId, timestamp, body).toString('base64')}`);
      const genuine = signatures
        .split(' ', MAX_SIGNATURES)
        .some((given) => isEqual(Buffer.from(given), expected));
      return genuine ? readEvent(eventId, body) : null;
    },
  };
}

function isEqual(given: Buffer, expected: Buffer): boolean {
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** Signed by us or not, the body is only believed to be what it must be. */
function readEvent(eventId: string, body: Uint8Array): PspEvent | null {
  const data = parseJson(body)?.data as Partial<PspEvent> | null | undefined;
  if (typeof data !== 'object' || data === null) return null;
  const { merchant_id, livemode, payment_id, operation_id } = data;
  if (typeof merchant_id !== 'string' || typeof livemode !== 'boolean') return null;
  if (typeof payment_id !== 'string' || typeof operation_id !== 'string') return null;
  return { event_id: eventId, merchant_id, livemode, payment_id, operation_id };
}

function parseJson(body: Uint8Array): { data?: unknown } | null {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'));
  } catch {
    return null;
  }
}
