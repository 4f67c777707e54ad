import type { Operation, Payment } from '../../src/domain/payment.ts';
import { demand } from './demand.ts';
import { maxAttempts, type OperationTrack, operationOf, type Track, type Tracks } from './track.ts';

/**
 * Invariant 7: an outcome stands only on the PSP's word. What is written as succeeded or failed must have been said by
 * the PSP before, at whatever time and to whomever; a failure without its word only once it was asked for as often as
 * it may be and, looked up after all of that, knew nothing.
 */
export function checkOutcome(
  tracks: Tracks,
  track: Track,
  before: Payment | null,
  payment: Payment,
  operation: Operation,
  nowMs: number,
): void {
  const told = tracks.operation(track, operation.id);
  if (operation.outcome !== 'unknown') told.unknownSinceMs = null;
  else told.unknownSinceMs ??= nowMs;
  if (operation.attempts >= maxAttempts(operation)) told.cappedSinceMs ??= nowMs;

  const old = operationOf(before, operation.id);
  if (old?.outcome === operation.outcome) return;
  if (payment.history.at(-1)?.kind === 'resolve') {
    told.byHand = true;
    return;
  }
  const where = `${track.name} ${operation.id}`;
  switch (operation.outcome) {
    case 'succeeded':
    case 'requires_action':
      demand(
        operation.kind === 'cancel' ? 5 : 7,
        told.heard.has(operation.outcome),
        () => `${where} was written as ${operation.outcome}, and the PSP has ${said(told)}`,
      );
      return;
    case 'failed':
      if (told.heard.has('failed')) return;
      demand(7, operation.failure !== null, () => `${where} failed without a reason`);
      demand(
        7,
        operation.failure?.code === 'psp_unavailable' &&
          operation.attempts >= maxAttempts(operation) &&
          told.notFoundSince &&
          told.heard.size === 0,
        () =>
          `${where} was written as failed (${operation.failure?.code}, ${operation.attempts} attempts), ` +
          `and the PSP has ${said(told)}`,
      );
      return;
    case 'pending':
    case 'unknown':
      return;
  }
}

function said({ heard, notFoundSince }: OperationTrack): string {
  if (heard.size > 0) return `said ${[...heard].join(', ')}`;
  return notFoundSince ? 'never heard of it' : 'said nothing, and was not looked up';
}
