import type { PspAnswer } from '../../src/domain/answer.ts';
import type { PspRequest } from '../../src/ports/connector.ts';
import { demand } from './demand.ts';
import { lastOf, operationOf, type Track, type Tracks } from './track.ts';

/**
 * Whoever has read a payment acts on what was read for two calls of the PSP at the most (`patienceMs`, 21 s), and the
 * store may be slow before that. Only what happens later cannot be such a reader.
 */
const STALE_READER_MS = 60_000;

/** Invariants 1 and 7 on every call that reaches the PSP. */
export interface PspCheck {
  see(call: 'execute' | 'lookup', request: PspRequest, answer: PspAnswer | null | Error, nowMs: number): void;
}

export function createPspCheck(tracks: Tracks): PspCheck {
  /** Key → the request that it was first used with; and operation → its key. */
  const bodies = new Map<string, string>();
  const keys = new Map<string, string>();
  /** Payment → the key of its charge or authorize. */
  const charges = new Map<string, string>();

  function checkKey(track: Track, request: PspRequest): void {
    const { idempotency_key: key, operation_id } = request;
    const body = bodyOf(request);
    const known = bodies.get(key);
    if (known === undefined) bodies.set(key, body);
    else demand(1, known === body, () => `PSP key ${key} came with ${body}, and before with ${known}`);
    const operation = `${track.name} ${operation_id}`;
    const knownKey = keys.get(operation);
    if (knownKey === undefined) keys.set(operation, key);
    else
      demand(
        1,
        knownKey === key,
        () => `${operation} was asked for with key ${key}, and before with ${knownKey}`,
      );
  }

  function checkIntent(track: Track, request: PspRequest): void {
    const payment = lastOf(track);
    const operation = operationOf(payment, request.operation_id);
    demand(
      1,
      operation !== undefined,
      () => `the PSP was asked for ${track.name} ${request.operation_id}, which is not durable`,
    );
    if (!operation || !payment) return;
    const asked = `${request.kind} ${request.amount} ${request.currency} ${request.payment_method}`;
    const stored = `${operation.kind} ${operation.amount} ${payment.currency} ${payment.payment_method}`;
    demand(1, asked === stored, () => `the PSP was asked for «${asked}», and «${stored}» is stored`);
  }

  function checkOneCharge(track: Track, request: PspRequest): void {
    if (request.kind !== 'charge' && request.kind !== 'authorize') return;
    const { idempotency_key: key } = request;
    const other = charges.get(track.name) ?? key;
    demand(1, other === key, () => `${track.name} is charged under two keys, ${other} and ${key}`);
    charges.set(track.name, key);
  }

  /** What is unknown is asked for again only after a look-up; what was asked for often enough, never. */
  function checkAgain(track: Track, request: PspRequest, nowMs: number): void {
    const { unknownSinceMs, cappedSinceMs, lastLookupMs } = tracks.operation(track, request.operation_id);
    const isLong = (sinceMs: number | null) => sinceMs !== null && nowMs - sinceMs > STALE_READER_MS;
    const name = `${track.name} ${request.operation_id}`;
    demand(
      13,
      !isLong(cappedSinceMs),
      () => `${name} was asked for again, and had been as often as it may be`,
    );
    demand(
      7,
      !isLong(unknownSinceMs) || nowMs - lastLookupMs <= STALE_READER_MS,
      () =>
        `${name} is unknown since ${unknownSinceMs}, and was asked for again without a look-up at ${nowMs}`,
    );
  }

  return {
    see(call, request, answer, nowMs) {
      const track = tracks.get(request);
      checkKey(track, request);
      checkIntent(track, request);
      const told = tracks.operation(track, request.operation_id);
      if (call === 'execute') {
        checkOneCharge(track, request);
        checkAgain(track, request, nowMs);
        told.notFoundSince = false;
      } else {
        told.lastLookupMs = nowMs;
        if (answer === null) told.notFoundSince = true;
      }
      if (answer === null || answer instanceof Error) return;
      told.heard.add(answer.outcome);
      if (answer.outcome === 'succeeded') told.lastSuccessMs = nowMs;
    },
  };
}

/** Every field, in an order of its own. */
function bodyOf(request: PspRequest): string {
  const { kind, amount, currency, payment_method, return_url, original_reference, original_key } = request;
  const { merchant_id, livemode, payment_id, operation_id } = request;
  const money = [kind, amount, currency, payment_method, return_url, original_reference, original_key];
  return [...money, merchant_id, livemode, payment_id, operation_id].join(' ');
}
