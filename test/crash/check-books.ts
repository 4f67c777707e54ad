import { GAP } from '../../src/domain/audit-gap.ts';
import { isOpen } from '../../src/domain/derive.ts';
import { pspIdempotencyKey } from '../../src/domain/hashes.ts';
import { findOperation, type Operation, type Payment } from '../../src/domain/payment.ts';
import type { PspReportLine } from '../../src/ports/connector.ts';
import type { PaymentStore } from '../../src/ports/payment-store.ts';
import { differences, missingOperations, named } from './check-acknowledged.ts';
import type { Ledger } from './ledger.ts';

type Found = (finding: string) => void;

const PAGE = 500;

export type Books = ReadonlyMap<string, Payment>;

/** Every payment of these merchants, as stored, by `merchant payment_id`. */
export async function readBooks(store: PaymentStore, merchants: readonly string[]): Promise<Books> {
  const books = new Map<string, Payment>();
  for (const merchant_id of merchants) {
    let after: Payment | undefined;
    do {
      const page = await store.list({ merchant_id, livemode: false, limit: PAGE, after });
      for (const payment of page) books.set(keyOf(payment), payment);
      after = page.length === PAGE ? page.at(-1) : undefined;
    } while (after);
  }
  return books;
}

function keyOf({ merchant_id, payment_id }: { merchant_id: string; payment_id: string }): string {
  return `${merchant_id} ${payment_id}`;
}

/** Whether anything about it waits to be settled. (An authorization that waits for its merchant does not.) */
export function isUnsettled(payment: Payment): boolean {
  return payment.operations.some((operation) => isOpen(payment, operation));
}

/** Our books against what the merchants were told: everything is there, and nothing is unsettled. */
export function checkBooks(books: Books, ledger: Ledger, found: Found): void {
  for (const known of ledger.all()) {
    const payment = books.get(named(known));
    if (!payment) {
      found(`Acknowledged and not there: ${named(known)}`);
      continue;
    }
    for (const problem of differences(known.submitted, payment)) found(`${named(known)}: ${problem}`);
    for (const lost of missingOperations(known.operations, payment.operations)) {
      found(`Acknowledged and not there: ${JSON.stringify(lost)} of ${named(known)}`);
    }
  }
  for (const payment of books.values()) {
    if (isUnsettled(payment)) found(`Not settled: ${keyOf(payment)} is ${summary(payment)}`);
    const claimed = payment.amount_captured - payment.amount_refundable;
    if (payment.amount_refunded > claimed || claimed > payment.amount_captured)
      found(`Refunds of ${keyOf(payment)} exceed what was captured: ${summary(payment)}`);
  }
}

function summary({ status, operations, amount_captured, amount_refunded }: Payment): string {
  const asked = operations.map(({ id, kind, outcome, attempts }) => `${kind} ${id} ${outcome} (${attempts})`);
  return `${status}, captured ${amount_captured}, refunded ${amount_refunded}: ${asked.join(', ')}`;
}

/** Sums of `merchant currency` in minor units. */
type Sums = Map<string, number>;

function add(sums: Sums, merchant: string, currency: string, amount: number): void {
  const key = `${merchant} ${currency}`;
  sums.set(key, (sums.get(key) ?? 0) + amount);
}

const SIGNS: Readonly<Partial<Record<Operation['kind'], 1 | -1>>> = {
  charge: 1,
  capture: 1,
  refund: -1,
  reversal: -1,
};

/** The PSP's truth against ours (invariants 1, 14, 17): operation by operation, and by sums of money. */
export async function checkPsp(
  books: Books,
  report: AsyncIterable<PspReportLine>,
  found: Found,
): Promise<{ lines: number; sums: Sums }> {
  const theirs: Sums = new Map();
  const seen = new Set<string>();
  const effective = new Set<string>();
  let lines = 0;
  for await (const line of report) {
    lines++;
    const { kind, outcome, amount, currency } = line;
    const operation = `${keyOf(line)} ${line.operation_id}`;
    if (seen.has(operation)) found(`The PSP was asked for ${operation} under two keys`);
    seen.add(operation);
    const payment = books.get(keyOf(line));
    const ours = payment && findOperation(payment, line.operation_id);
    if (!payment || !ours) {
      found(`The PSP was asked for ${operation} (${kind} of ${amount} ${currency}), which we do not have`);
      continue;
    }
    if (line.idempotency_key !== pspIdempotencyKey(line, line.operation_id))
      found(`The PSP knows ${operation} by another key than ours`);
    const [asked, done] = [
      `${ours.kind} ${ours.amount} ${payment.currency} ${ours.outcome}`,
      `${kind} ${amount} ${currency} ${outcome}`,
    ];
    if (asked !== done) found(`${operation} is "${asked}" with us and "${done}" at the PSP`);
    if (outcome !== 'succeeded') continue;
    add(theirs, line.merchant_id, currency, (SIGNS[kind] ?? 0) * amount);
    if (kind === 'refund') continue;
    // One charge, or one authorization and one capture of it.
    const effect = `${keyOf(line)} ${kind}`;
    if (effective.has(effect)) found(`The PSP executed two of ${effect}`);
    effective.add(effect);
  }
  checkSums(books, theirs, seen, found);
  return { lines, sums: theirs };
}

function checkSums(books: Books, theirs: Sums, seen: ReadonlySet<string>, found: Found): void {
  const ours: Sums = new Map();
  for (const payment of books.values()) {
    const { merchant_id, currency, amount_captured, amount_refunded } = payment;
    add(ours, merchant_id, currency, amount_captured - amount_refunded);
    for (const { id, outcome } of payment.operations) {
      const operation = `${keyOf(payment)} ${id}`;
      if (outcome === 'succeeded' && !seen.has(operation))
        found(`${operation} has succeeded with us, and the PSP never heard of it`);
    }
  }
  for (const key of new Set([...ours.keys(), ...theirs.keys()])) {
    const [we, they] = [ours.get(key) ?? 0, theirs.get(key) ?? 0];
    if (we !== they) found(`Sums differ for ${key}: ${we} with us, ${they} at the PSP`);
  }
}

interface AuditLine {
  merchant_id: string;
  payment_id: string;
  version: number;
  kind: string;
  filled?: true;
}

interface Audited {
  versions: Set<number>;
  /** The last one that came from the feed. */
  fed: number;
}

/**
 * The audit log against our books: every version of every payment stands in it exactly once, and in order, but for what
 * was filled from a history later. A gap is no version: it says that one is unknown.
 */
export async function checkAuditLines(
  books: Books,
  lines: AsyncIterable<string>,
  found: Found,
): Promise<number> {
  const audited = new Map<string, Audited>();
  let count = 0;
  for await (const text of lines) {
    count++;
    const line = JSON.parse(text) as AuditLine;
    const key = keyOf(line);
    if (line.kind === GAP) {
      found(`Audit record ${count}: a gap where version ${line.version} of ${key} should be`);
      continue;
    }
    const known = audited.get(key) ?? { versions: new Set(), fed: 0 };
    audited.set(key, known);
    const isOutOfOrder = !line.filled && line.version <= known.fed;
    if (known.versions.has(line.version) || isOutOfOrder)
      found(`Audit record ${count}: version ${line.version} of ${key} follows on ${known.fed}`);
    known.versions.add(line.version);
    if (!line.filled) known.fed = Math.max(known.fed, line.version);
  }
  for (const payment of books.values()) {
    const { versions } = audited.get(keyOf(payment)) ?? { versions: new Set() };
    const lacking = payment.history.filter(({ version }) => !versions.has(version));
    for (const { version } of lacking)
      found(`${keyOf(payment)} has version ${version}, which the audit log lacks`);
    const tooMany = versions.size + lacking.length - payment.version;
    if (tooMany > 0) found(`The audit log has ${tooMany} versions of ${keyOf(payment)} that we do not have`);
    audited.delete(keyOf(payment));
  }
  for (const key of audited.keys()) found(`The audit log has ${key}, which we do not have`);
  return count;
}
