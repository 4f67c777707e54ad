import { entryFromHistory } from '../domain/audit-entry.ts';
import { gapEntry } from '../domain/audit-gap.ts';
import type { Payment, PaymentRef } from '../domain/payment.ts';
import type { AuditEntry, AuditLog } from '../ports/audit-log.ts';
import type { Clock } from '../ports/clock.ts';
import {
  createLoggedVersions,
  type LoggedRecord,
  type LoggedVersions,
  type Versions,
} from './logged-versions.ts';

/**
 * `missing`: changes that the log lacks and the payment's history still tells. `lost`: changes that the log lacks of a
 * payment that is no longer there to tell. `ahead`: changes in the log that the payment does not have.
 */
export type AuditFinding = PaymentRef & { problem: 'missing' | 'lost' | 'ahead'; versions: number[] };

export interface AuditCompleteness {
  /** Records in the log, and payments in the store. */
  records: number;
  payments: number;
  /** Changes, by what was found. */
  missing: number;
  lost: number;
  ahead: number;
  /** Changes that are not in the log yet, and that the feed still holds. */
  waiting: number;
  /** Payments in the log that the store has no longer. */
  gone: number;
  /** Records written. */
  written: number;
  /** The first `MAX_FINDINGS`, by payment. */
  findings: AuditFinding[];
}

export interface FillOptions {
  /** Without it, the log is read and nothing is written. */
  write: boolean;
  /** Also changes that the feed still holds: the log then may have them twice, as it may have any. */
  youngToo: boolean;
}

export type FillAudit = (options: FillOptions) => Promise<AuditCompleteness>;

interface Deps {
  log: Pick<AuditLog, 'lines' | 'append'>;
  /** Every payment of every partition, each at least as new as when it was asked for. */
  payments: () => AsyncIterable<Payment>;
  clock: Clock;
}

/** A stream keeps changes for a day: what is younger comes into the log by itself, or is put aside for the sweep. */
const FEED_KEEPS_MS = 24 * 3_600_000;

/** Entries of one append. */
const FILL_BATCH = 512;

/** So many payments are named; all are counted. */
export const MAX_FINDINGS = 100;

const GAP_REASON = 'The change was not in the feed, and the payment was deleted before its history was read.';

export function isComplete({ missing, lost, ahead }: AuditCompleteness): boolean {
  return missing + lost + ahead === 0;
}

/**
 * Holds the audit log against the payments' own histories, and writes what it lacks (invariant 9). Safe beside whoever
 * writes the log, and again: a change that is in it twice is recognised by payment and version.
 */
export function createFillAudit({ log, payments, clock }: Deps): FillAudit {
  return async ({ write, youngToo }) => {
    const nowMs = clock.now();
    const keptFromMs = youngToo ? Number.POSITIVE_INFINITY : nowMs - FEED_KEEPS_MS;
    const result: AuditCompleteness = { ...NOTHING, findings: [] };
    const out = createOutlet(log, write, result);
    // The log first: what it holds then, the payments must have.
    const logged = await readLog(log, result);

    for await (const payment of payments()) {
      result.payments += 1;
      const versions = logged.take(payment);
      const lacking = payment.history.filter(({ version }) => !versions.has(version));
      const due = lacking.filter(({ at }) => Date.parse(at) < keptFromMs).map(({ version }) => version);
      result.waiting += lacking.length - due.length;
      note(result, payment, 'missing', due);
      note(result, payment, 'ahead', beyond(payment, versions));
      await out.put(due.map((version) => entryFromHistory(payment, version)));
    }

    const { payments: gone, mayLack } = logged.left();
    result.gone = gone;
    if (mayLack) {
      // Too many to remember their names, and next to none of them lacks anything: so the log is read for those again.
      for await (const record of records(log)) {
        if (!isRef(record) || !logged.isLeft(record)) continue;
        const lost = holes(logged.take(record));
        note(result, record, 'lost', lost);
        await out.put(lost.map((version) => gapEntry(record, version, nowMs, GAP_REASON)));
      }
    }
    await out.end();
    return result;
  };
}

const NOTHING = { records: 0, payments: 0, missing: 0, lost: 0, ahead: 0, waiting: 0, gone: 0, written: 0 };

async function readLog(log: Pick<AuditLog, 'lines'>, result: AuditCompleteness): Promise<LoggedVersions> {
  const logged = createLoggedVersions();
  for await (const record of records(log)) {
    result.records += 1;
    logged.add(record);
  }
  return logged;
}

async function* records(log: Pick<AuditLog, 'lines'>): AsyncGenerator<LoggedRecord> {
  let number = 0;
  for await (const line of log.lines()) {
    number += 1;
    yield parsed(line, number);
  }
}

function parsed(line: string, number: number): LoggedRecord {
  try {
    return JSON.parse(line) as LoggedRecord;
  } catch (cause) {
    throw new Error(`Record ${number} of the audit log is not JSON. Run "tollgate audit verify".`, { cause });
  }
}

function isRef(record: LoggedRecord): record is LoggedRecord & PaymentRef {
  return record.payment_id !== undefined && record.merchant_id !== undefined && record.livemode !== undefined;
}

/** Versions that the log has beyond the payment: the table went back, or the log was written by somebody else. */
function beyond({ version }: Payment, versions: Versions): number[] {
  const count = Math.max(0, versions.last - version);
  return Array.from({ length: count }, (_, index) => version + 1 + index).filter(versions.has);
}

/** Versions before the last one that the log neither has nor has given up. */
function holes({ last, has, isGap }: Versions): number[] {
  return Array.from({ length: last }, (_, index) => index + 1).filter(
    (version) => !has(version) && !isGap(version),
  );
}

function note(
  result: AuditCompleteness,
  { payment_id, merchant_id, livemode }: PaymentRef,
  problem: AuditFinding['problem'],
  versions: number[],
): void {
  if (versions.length === 0) return;
  result[problem] += versions.length;
  if (result.findings.length < MAX_FINDINGS)
    result.findings.push({ merchant_id, livemode, payment_id, problem, versions });
}

/** Entries on their way into the log, a batch at a time. */
function createOutlet(log: Pick<AuditLog, 'append'>, write: boolean, result: AuditCompleteness) {
  let waiting: AuditEntry[] = [];

  async function flush(): Promise<void> {
    if (waiting.length === 0) return;
    // The feed's own position is not ours to move: it says nothing of changes that it has lost.
    await log.append(waiting, '');
    result.written += waiting.length;
    waiting = [];
  }

  return {
    async put(entries: readonly AuditEntry[]): Promise<void> {
      if (!write) return;
      waiting.push(...entries);
      if (waiting.length >= FILL_BATCH) await flush();
    },
    end: flush,
  };
}
