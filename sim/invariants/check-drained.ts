import type { SimulatedOperation } from '../../src/connectors/simulator/simulator-storage.ts';
import type { Operation, Payment } from '../../src/domain/payment.ts';
import type { Truth } from '../observe/observation.ts';
import { demand } from './demand.ts';
import { lastOf, nameOf, operationOf, type Track, type Tracks } from './track.ts';

/** Invariants 1, 2, 12, 14 and 17, once everything has come to rest: our books, the checker's, and the PSP's. */
export function checkDrained(tracks: Tracks, truth: Truth): void {
  checkStored(tracks, truth);
  const { waiting, delayed, inFlight } = truth.queue();
  demand(
    12,
    waiting + delayed + inFlight === 0,
    () => `the queue still holds ${waiting} waiting, ${delayed} delayed, ${inFlight} in flight`,
  );
  const letters = checkDeadLetters(tracks, truth);
  const books = readPsp(tracks, truth);
  const sums = new Map<string, { ours: number; theirs: number }>();
  for (const track of tracks.all()) {
    const payment = lastOf(track);
    if (!payment) continue;
    const isWaiting = checkSettled(track, payment, letters, truth.nowMs());
    const there = books.get(track.name) ?? [];
    const byHand = payment.operations.some(({ id }) => track.operations.get(id)?.byHand);
    checkAtPsp(track, payment, there);
    // What a person decided may differ from what the PSP did: that is shown by `doctor --compare`, and not undone.
    if (!isWaiting && !byHand) addSums(sums, payment, there);
  }
  for (const [where, { ours, theirs }] of sums) {
    demand(17, ours === theirs, () => `${where}: ${ours} by our books, and the PSP holds ${theirs}`);
  }
}

/** Invariant 2: every version that was durable once is there still. */
function checkStored(tracks: Tracks, truth: Truth): void {
  let stored = 0;
  for (const payment of truth.payments()) {
    stored += 1;
    const track = tracks.known(payment);
    const last = track && lastOf(track);
    demand(
      2,
      last?.version === payment.version && last.status === payment.status,
      () =>
        `${nameOf(payment)} is stored at version ${payment.version}, and ${last?.version} was written last`,
    );
  }
  let written = 0;
  for (const track of tracks.all()) if (track.versions.length > 0) written += 1;
  demand(2, stored === written, () => `${written} payments were written, and ${stored} are stored`);
}

/** Invariant 12: every dead letter is about something that a person can still settle. Answers with what is listed. */
function checkDeadLetters(tracks: Tracks, truth: Truth): ReadonlySet<string> {
  const listed = new Set<string>();
  for (const { item, reason } of truth.deadLetters()) {
    const track = tracks.known(item);
    const name = `${nameOf(item)} ${item.operation_id}`;
    const operation = operationOf(track ? lastOf(track) : null, item.operation_id);
    demand(12, operation !== undefined, () => `the dead letter ${name} (${reason}) is about nothing`);
    demand(12, !listed.has(name), () => `the dead letter ${name} is listed twice`);
    const payment = track && lastOf(track);
    const isOver =
      operation &&
      payment &&
      (isSettled(operation) ? operation.dead_lettered_at === null : isLeftBehind(payment, operation));
    demand(12, !isOver, () => `the dead letter ${name} (${reason}) is listed, and ${operation?.outcome}`);
    listed.add(name);
  }
  return listed;
}

function isSettled({ outcome }: Operation): boolean {
  return outcome === 'succeeded' || outcome === 'failed';
}

/** A confirmed cancel has ended what it never came to: nobody need see to it any more. */
function isLeftBehind({ status, operations }: Payment, operation: Operation): boolean {
  return status === 'canceled' && operation === operations[0] && !isSettled(operation);
}

/** Invariant 12 of one payment; true if a person has to settle something of it. */
function checkSettled(track: Track, payment: Payment, letters: ReadonlySet<string>, nowMs: number): boolean {
  let isWaiting = false;
  for (const operation of payment.operations) {
    if (isLeftBehind(payment, operation)) continue;
    const isListed = letters.has(`${track.name} ${operation.id}`);
    if (operation.dead_lettered_at !== null) {
      demand(12, isListed, () => `${track.name} ${operation.id} is a dead letter, and not on the list`);
      isWaiting = true;
    } else if (!isSettled(operation)) {
      const since = operation.requested_at;
      demand(
        12,
        isListed,
        () => `${track.name} ${operation.id} is still ${operation.outcome}, since ${since}`,
      );
      isWaiting = true;
    }
  }
  if (isWaiting) return true;
  const rests =
    payment.status === 'completed' ||
    payment.status === 'failed' ||
    payment.status === 'canceled' ||
    (payment.status === 'authorized' && Date.parse(payment.authorization_expires_at ?? '') > nowMs);
  demand(12, rests, () => `${track.name} is still ${payment.status}, at the end`);
  return false;
}

/** The PSP's operations by payment; each of them belongs to one of ours. */
function readPsp(tracks: Tracks, truth: Truth): Map<string, SimulatedOperation[]> {
  const books = new Map<string, SimulatedOperation[]>();
  for (const operation of truth.psp()) {
    const name = nameOf(operation.request);
    const track = tracks.known(operation.request);
    const ours = operationOf(track ? lastOf(track) : null, operation.request.operation_id);
    demand(
      14,
      ours !== undefined,
      () => `the PSP has ${name} ${operation.request.operation_id}, and we have not`,
    );
    const there = books.get(name) ?? [];
    there.push(operation);
    books.set(name, there);
  }
  return books;
}

/** A pending refund of the simulator succeeds with the time, and all of it has passed. */
function outcomeOf({ outcome }: SimulatedOperation): string {
  return outcome === 'pending' ? 'succeeded' : outcome;
}

function isFirst({ request }: SimulatedOperation): boolean {
  return request.kind === 'charge' || request.kind === 'authorize';
}

/** Invariants 1 and 14, operation by operation and in both directions. */
function checkAtPsp(track: Track, payment: Payment, there: readonly SimulatedOperation[]): void {
  const firsts = there.filter(isFirst);
  demand(1, firsts.length <= 1, () => `the PSP has charged ${track.name} ${firsts.length} times`);
  const [first] = firsts;
  if (first) {
    const { captured, refunded, request } = first;
    demand(
      4,
      refunded <= captured && captured <= request.amount && request.amount === payment.amount,
      () => `the PSP has refunded ${refunded} of ${captured} captured of ${request.amount} of ${track.name}`,
    );
  }
  for (const operation of payment.operations) {
    const same = there.filter(({ request }) => request.operation_id === operation.id);
    const name = `${track.name} ${operation.id}`;
    demand(1, same.length <= 1, () => `the PSP has executed ${name} ${same.length} times`);
    if (!isSettled(operation) || track.operations.get(operation.id)?.byHand) continue;
    const [theirs] = same;
    const outcome = theirs && outcomeOf(theirs);
    demand(
      14,
      outcome === operation.outcome || (operation.outcome === 'failed' && !theirs),
      () => `${name} is ${operation.outcome} here, and ${outcome ?? 'unheard of'} at the PSP`,
    );
    if (!theirs) continue;
    const here = `${operation.kind} of ${operation.amount} ${payment.currency}`;
    const their = `${theirs.request.kind} of ${theirs.request.amount} ${theirs.request.currency}`;
    demand(14, here === their, () => `${name} is a ${here} here, and a ${their} at the PSP`);
  }
  checkGivenBack(track, payment, first);
}

/**
 * Invariant 7: what was canceled holds no money at the PSP, and a success that the PSP has told us of after its
 * confirmed cancel was reversed, once.
 */
function checkGivenBack(track: Track, payment: Payment, first: SimulatedOperation | undefined): void {
  const [ours] = payment.operations;
  if (payment.status !== 'canceled' || !first || !ours) return;
  const reversals = payment.operations.filter(({ kind }) => kind === 'reversal');
  // What it told before, and nobody could write down, it has itself undone with the cancel.
  const toldMs = track.operations.get(ours.id)?.lastSuccessMs ?? Number.NEGATIVE_INFINITY;
  const isToldLate = !isSettled(ours) && track.canceledMs !== null && toldMs > track.canceledMs;
  // A hold that the cancel has released is told of as a success, too, and holds nothing (seed 1027443).
  const isReleased = first.captured === 0 && first.released === 'canceled';
  demand(
    7,
    !isToldLate || isReleased || reversals.length === 1,
    () => `${track.name} is canceled, the PSP has told of success after that, and it was not reversed`,
  );
  if (reversals.some((one) => one.outcome !== 'succeeded')) return;
  demand(
    7,
    first.captured === 0 || first.released !== null,
    () =>
      `${track.name} is canceled, and the PSP keeps the ${first.captured} that it took (${ours.outcome} here)`,
  );
}

function addSums(
  sums: Map<string, { ours: number; theirs: number }>,
  payment: Payment,
  there: readonly SimulatedOperation[],
): void {
  const where = `${payment.merchant_id} ${payment.currency}`;
  const sum = sums.get(where) ?? { ours: 0, theirs: 0 };
  sums.set(where, sum);
  sum.ours += payment.amount_captured - payment.amount_refunded;
  const first = there.find(isFirst);
  if (first && first.released !== 'reversed') sum.theirs += first.captured - first.refunded;
}
