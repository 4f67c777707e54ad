import { MAX_HISTORY, MAX_OPERATIONS } from '../../src/domain/limits.ts';
import type { Operation, Payment } from '../../src/domain/payment.ts';
import { checkMoney } from './check-money.ts';
import { checkOutcome } from './check-outcome.ts';
import { demand } from './demand.ts';
import { mayBeAdded, mayBecome, statusAfter } from './status-table.ts';
import { lastOf, maxAttempts, nameOf, operationOf, type Track, type Tracks } from './track.ts';

/** Fields of the header that no change may touch. */
const CONSTANT = [
  'amount',
  'currency',
  'capture_method',
  'payment_method',
  'description',
  'return_url',
  'connector',
  'created_at',
  'request_hash',
] as const satisfies readonly (keyof Payment)[];

/** And of an operation. */
const CONSTANT_OF_OPERATION = [
  'kind',
  'amount',
  'reason',
  'requested_at',
  'key_hash',
  'request_hash',
] as const satisfies readonly (keyof Operation)[];

/** Of an operation that is settled nothing else moves but the mark of a hold that could not be voided. */
const CONSTANT_ONCE_SETTLED = [
  'outcome',
  'psp_reference',
  'attempts',
  'settled_at',
] as const satisfies readonly (keyof Operation)[];

function isSettled({ outcome }: Operation): boolean {
  return outcome === 'succeeded' || outcome === 'failed';
}

/** Invariants 2 to 7 and 13 on every durable write of a payment. Answers with the operations that it is about. */
export function checkWrite(
  tracks: Tracks,
  payment: Payment,
  previous: Payment | null,
  nowMs: number,
): string[] {
  const track = tracks.get(payment);
  const before = lastOf(track);
  checkVersion(track, payment, previous, before);
  if (before) checkConstants(before, payment);
  const { changed, added } = before
    ? difference(before, payment)
    : { changed: [], added: payment.operations };
  if (before) checkAdded(before, payment, changed, added);
  else demand(5, added.length === 1, () => `${track.name} was created with ${added.length} operations`);
  checkStatus(before, payment, [...changed, ...added]);
  checkHistory(track, before, payment, changed, added);
  checkDispatch(track, payment, added);
  checkMoney(track.name, payment);
  checkBounds(track, payment);
  checkReachable(track, payment);
  for (const operation of added) {
    if (operation.key_hash === null) continue;
    const isNew = !track.keyHashes.has(operation.key_hash);
    demand(
      3,
      isNew,
      () => `${track.name}: one idempotency key has added two operations, now ${operation.id}`,
    );
    track.keyHashes.add(operation.key_hash);
  }
  for (const operation of [...changed, ...added])
    checkOutcome(tracks, track, before, payment, operation, nowMs);
  if (payment.status === 'canceled') track.canceledMs ??= nowMs;
  track.versions.push(payment);
  return [...changed, ...added].map(({ id }) => id);
}

function checkVersion(
  track: Track,
  payment: Payment,
  previous: Payment | null,
  before: Payment | null,
): void {
  const expected = (before?.version ?? 0) + 1;
  demand(
    6,
    payment.version === expected,
    () => `${track.name}: version ${payment.version} was written where ${expected} comes next`,
  );
  demand(
    2,
    (previous?.version ?? 0) === expected - 1,
    () =>
      `${track.name}: the store held version ${previous?.version ?? 0}, and ${expected - 1} was durable before`,
  );
}

function checkConstants(before: Payment, payment: Payment): void {
  for (const field of CONSTANT) {
    demand(
      5,
      before[field] === payment[field],
      () => `${nameOf(payment)}: ${field} changed from ${before[field]} to ${payment[field]}`,
    );
  }
  demand(
    5,
    before.metadata === payment.metadata ||
      JSON.stringify(before.metadata) === JSON.stringify(payment.metadata),
    () => `${nameOf(payment)}: metadata changed`,
  );
}

function difference(before: Payment, payment: Payment): { changed: Operation[]; added: Operation[] } {
  const changed: Operation[] = [];
  for (const [place, old] of before.operations.entries()) {
    const now = payment.operations[place];
    demand(
      5,
      now?.id === old.id,
      () => `${nameOf(payment)}: operation ${old.id} is gone, or not in its place`,
    );
    if (!now || now === old) continue;
    for (const field of CONSTANT_OF_OPERATION) {
      demand(
        5,
        old[field] === now[field],
        () => `${nameOf(payment)} ${old.id}: ${field} changed from ${old[field]} to ${now[field]}`,
      );
    }
    if (isSettled(old)) {
      for (const field of CONSTANT_ONCE_SETTLED) {
        demand(
          5,
          old[field] === now[field],
          () =>
            `${nameOf(payment)} ${old.id} is settled, and ${field} went from ${old[field]} to ${now[field]}`,
        );
      }
    }
    demand(
      5,
      mayBecome(old.outcome, now.outcome),
      () => `${nameOf(payment)} ${old.id}: outcome went from ${old.outcome} to ${now.outcome}`,
    );
    if (differs(old, now)) changed.push(now);
  }
  return { changed, added: payment.operations.slice(before.operations.length) };
}

function differs(old: Operation, now: Operation): boolean {
  return (
    old.outcome !== now.outcome ||
    old.attempts !== now.attempts ||
    old.lookups !== now.lookups ||
    old.next_step_at !== now.next_step_at ||
    old.dead_lettered_at !== now.dead_lettered_at ||
    old.psp_reference !== now.psp_reference
  );
}

function checkAdded(
  before: Payment,
  payment: Payment,
  changed: readonly Operation[],
  added: readonly Operation[],
): void {
  const name = nameOf(payment);
  demand(5, added.length <= 1, () => `${name}: one write added ${added.length} operations`);
  const [operation] = added;
  if (!operation) {
    demand(5, changed.length <= 1, () => `${name}: one write changed ${changed.length} operations`);
    return;
  }
  const { id, kind } = operation;
  demand(3, !operationOf(before, id), () => `${name}: there are two operations ${id}`);
  demand(5, mayBeAdded(kind, before.status), () => `${name} is ${before.status}, and a ${kind} was added`);
  const unknown = before.operations.find(({ outcome }) => outcome === 'unknown');
  demand(
    7,
    kind === 'reversal' || unknown === undefined,
    () => `${name}: ${kind} ${id} was added while ${unknown?.id} is unknown`,
  );
  const rival = before.operations.find(
    (one) => (one.kind === 'capture' || one.kind === 'cancel') && !isSettled(one),
  );
  demand(
    5,
    kind === 'refund' || kind === 'reversal' || !rival,
    () => `${name}: ${kind} ${id} was added while ${rival?.id} is ${rival?.outcome}`,
  );
  if (kind !== 'reversal') return;
  demand(
    7,
    !before.operations.some((one) => one.kind === 'reversal'),
    () => `${name}: a second reversal was added, ${id}`,
  );
  const [first] = payment.operations;
  demand(
    7,
    changed.length === 1 && changed[0]?.id === first?.id && first?.outcome === 'succeeded',
    () => `${name}: a reversal was added, and no success after the cancel came with it`,
  );
}

function checkStatus(before: Payment | null, payment: Payment, touched: readonly Operation[]): void {
  const expected = statusAfter(before?.status ?? 'processing', touched);
  demand(
    5,
    payment.status === expected,
    () =>
      `${nameOf(payment)}: status went from ${before?.status ?? 'nothing'} to ${payment.status}, not ${expected}`,
  );
}

function checkHistory(
  track: Track,
  before: Payment | null,
  payment: Payment,
  changed: readonly Operation[],
  added: readonly Operation[],
): void {
  const entry = payment.history[payment.version - 1];
  demand(
    8,
    payment.history.length === payment.version && entry?.version === payment.version,
    () => `${track.name}: version ${payment.version} has ${payment.history.length} history entries`,
  );
  if (!entry) return;
  const about = [...added, ...changed].find(({ id }) => id === entry.operation_id);
  demand(
    8,
    about?.outcome === entry.outcome && entry.status === payment.status,
    () =>
      `${track.name}: history says ${entry.operation_id} ${entry.outcome} ${entry.status}, and the write ` +
      `${about?.id} ${about?.outcome} ${payment.status}`,
  );
  const old = before?.history[before.version - 1];
  const kept = payment.history[payment.version - 2];
  demand(
    8,
    old === kept ||
      (old?.at === kept?.at && old?.kind === kept?.kind && old?.operation_id === kept?.operation_id),
    () => `${track.name}: history entry ${payment.version - 1} was rewritten`,
  );
}

/** Design §2.7: a write dispatches what it adds and nothing else, or work would multiply. */
function checkDispatch(track: Track, payment: Payment, added: readonly Operation[]): void {
  const expected = added.find(({ outcome }) => outcome === 'pending')?.id ?? null;
  demand(
    13,
    payment.dispatch === expected,
    () => `${track.name}: version ${payment.version} dispatches ${payment.dispatch}, not ${expected}`,
  );
}

/** Copies of one message that may be seen to at the same time, each of which asks once and counts it. */
const COPIES = 8;

function checkBounds(track: Track, payment: Payment): void {
  const { history, operations } = payment;
  demand(13, history.length <= MAX_HISTORY, () => `${track.name} has ${history.length} changes`);
  demand(13, operations.length <= MAX_OPERATIONS, () => `${track.name} has ${operations.length} operations`);
  for (const operation of operations) {
    const most = maxAttempts(operation) + COPIES;
    const words = () =>
      `${track.name} ${operation.id} was asked for ${operation.attempts} times, above ${most}`;
    demand(13, operation.attempts <= most, words);
  }
}

/** Invariant 2: whatever is not settled is found by the sweep, however much of queue and feed is lost. */
function checkReachable(track: Track, payment: Payment): void {
  for (const operation of payment.operations) {
    const leftBehind = payment.status === 'canceled' && operation === payment.operations[0];
    const isFound = operation.next_step_at !== null || operation.dead_lettered_at !== null;
    demand(
      2,
      isSettled(operation) || leftBehind || isFound,
      () => `${track.name} ${operation.id} is ${operation.outcome}, and no sweep will ever look at it`,
    );
  }
  demand(
    2,
    payment.status !== 'authorized' || payment.authorization_expires_at !== null,
    () => `${track.name} is authorized, and never expires`,
  );
}
