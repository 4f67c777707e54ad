import type { SystemCall } from './strace-lines.ts';

/** How many of each were looked at: none of a kind would prove nothing. */
export interface SyncCounts {
  commits: number;
  logSyncs: number;
  answers: number;
  asked: number;
  auditRecords: number;
  auditAppends: number;
}

export interface SyncReport {
  counts: SyncCounts;
  findings: readonly string[];
}

interface Commit {
  began: number;
  ended: number;
}

interface Append {
  ended: number;
  hash: string;
}

/** The frame header of the write-ahead log; in its second word stands the size of the database, after a commit only. */
const FRAME_HEADER_BYTES = 24;
const COMMIT_MARK_OFFSET = 4;

/**
 * Takes the system calls of a server in the order of events, and finds out what left it before it was on disk. Only
 * payments whose ids begin with `prefix` are looked at.
 */
export function createSyncOrder(prefix: string) {
  const id = `${prefix}[0-9]+`;
  const stored = new RegExp(
    `\\{"payment_id":"(${id})"(?:(?!\\{"payment_id")[^\\0])*?"history":\\[((?:\\[[^\\]]*\\],?)+)\\]`,
    'g',
  );
  const shown = new RegExp(`"payment_id":"(${id})".*?"version":(\\d+)`, 'gs');
  const refunds = new RegExp(`"refund_id":"(${id}-r)".*?"payment_id":"(${id})"`, 'gs');
  const keyed = new RegExp(id, 'g');

  /** The place from which on a version was on disk; infinite while it is only written. */
  const durable = new Map<string, number>();
  const written: { key: string; commit: Commit }[] = [];
  let frame: { began: number; commits: boolean; texts: string[] } | null = null;
  let hashes = new Map<string, Append>();
  const segmentSyncs: { began: number; ended: number }[] = [];
  const asked = new Set<string>();
  const counts: SyncCounts = {
    commits: 0,
    logSyncs: 0,
    answers: 0,
    asked: 0,
    auditRecords: 0,
    auditAppends: 0,
  };
  const findings: string[] = [];

  function requireDurable(key: string, call: SystemCall, what: string): void {
    const since = durable.get(key);
    if (since !== undefined && since < call.began) return;
    const why = since === undefined ? 'never written to the log' : 'not synced';
    findings.push(`${what} ${key} left at line ${call.began}, and that was ${why} before`);
  }

  function logWrite(call: SystemCall): void {
    if (call.data.length === FRAME_HEADER_BYTES) {
      frame ??= { began: call.began, commits: false, texts: [] };
      frame.commits = call.data.readUInt32BE(COMMIT_MARK_OFFSET) !== 0;
      return;
    }
    if (!frame) return;
    frame.texts.push(call.data.toString('latin1'));
    if (frame.commits) committed({ began: frame.began, ended: call.ended }, frame.texts);
  }

  function committed(commit: Commit, texts: readonly string[]): void {
    frame = null;
    counts.commits++;
    for (const text of texts) {
      for (const [record, payment, history = ''] of text.matchAll(stored)) {
        note(`${payment} version ${history.split('],[').length}`, commit);
        for (const [refund] of record.matchAll(new RegExp(`${payment}-r(?=")`, 'g'))) note(refund, commit);
      }
      for (const [hash, append] of hashes) if (text.includes(hash)) anchored(append, commit);
    }
  }

  function note(key: string, commit: Commit): void {
    if (durable.has(key)) return;
    durable.set(key, Number.POSITIVE_INFINITY);
    written.push({ key, commit });
  }

  /** The head of the audit log may only point to what is on disk. */
  function anchored(append: Append, commit: Commit): void {
    hashes.delete(append.hash);
    counts.auditAppends++;
    const synced = segmentSyncs.some(({ began, ended }) => began > append.ended && ended < commit.began);
    if (!synced)
      findings.push(`The audit head moved at line ${commit.began} past records that were not synced`);
  }

  function logSync({ began, ended }: SystemCall): void {
    counts.logSyncs++;
    for (let i = written.length - 1; i >= 0; i--) {
      const { key, commit } = written[i] as (typeof written)[number];
      if (commit.ended >= began) continue;
      durable.set(key, ended);
      written.splice(i, 1);
    }
  }

  function answer(call: SystemCall): void {
    const text = call.data.toString('latin1');
    for (const [, payment, version] of text.matchAll(shown)) {
      counts.answers++;
      requireDurable(`${payment} version ${version}`, call, 'An answer with');
    }
    for (const [, refund] of text.matchAll(refunds)) {
      counts.answers++;
      requireDurable(String(refund), call, 'An answer with refund');
    }
  }

  function audit(call: SystemCall): void {
    const text = call.data.toString('latin1');
    for (const [, payment, version] of text.matchAll(shown)) {
      counts.auditRecords++;
      requireDurable(`${payment} version ${version}`, call, 'An audit record of');
    }
    const hash = /"hash":"([0-9a-f]{64})"\}\n$/.exec(text)?.[1];
    if (hash) hashes = new Map([...hashes, [hash, { ended: call.ended, hash }]]);
  }

  /** The first that the simulator writes of a payment: money moves no earlier than that. */
  function simulator(call: SystemCall): void {
    for (const [payment] of call.data.toString('latin1').matchAll(keyed)) {
      if (asked.has(payment)) continue;
      asked.add(payment);
      counts.asked++;
      requireDurable(`${payment} version 1`, call, 'The PSP was asked:');
    }
  }

  return {
    call(call: SystemCall): void {
      const { name, file, result, injected } = call;
      if (result < 0 || injected) return;
      const isSync = name === 'fdatasync' || name === 'fsync';
      if (file.endsWith('/tollgate.db-wal')) {
        if (isSync) logSync(call);
        else logWrite(call);
      } else if (file.endsWith('.ndjson')) {
        if (isSync) segmentSyncs.push(call);
        else audit(call);
      } else if (file.endsWith('/simulator.db-wal')) {
        if (!isSync) simulator(call);
      } else if (call.data.subarray(0, 10).toString('latin1') === 'HTTP/1.1 2') answer(call);
    },
    report: (): SyncReport => ({ counts, findings }),
  };
}
