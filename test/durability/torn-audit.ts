import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openFilesAuditLog } from '../../src/adapters/files/files-audit-log.ts';
import { segmentName } from '../../src/adapters/files/segments.ts';
import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';
import { auditEntry } from '../../src/domain/audit-entry.ts';
import { aNewPayment } from '../../src/domain/payment.fixture.ts';
import type { AnchoredHead, AuditAnchor, AuditEntry } from '../../src/ports/audit-log.ts';
import type { Damage, TornReport } from './torn-log.ts';

const APPENDS = 3;
const RECORDS = 2;
const EMPTY: AnchoredHead = { records: 0, hash: '0'.repeat(64), segment: 1, bytes: 0 };
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

function anchorAt(head: AnchoredHead): AuditAnchor & { head: AnchoredHead } {
  return {
    head,
    async load() {
      return this.head;
    },
    async save(next) {
      this.head = next;
    },
  };
}

async function openAt(folder: string, anchor: AuditAnchor) {
  return openFilesAuditLog({ folder, anchor, timers: createSystemTimers(), logger: SILENT });
}

/**
 * Cuts or garbles the audit log at every so many bytes beyond its anchor, as a crash in the middle of an append leaves
 * it: what is opened then verifies, and written on from the feed it ends with the same bytes. Cut before its anchor,
 * where no crash cuts it, it is refused.
 */
export async function checkTornAudit(
  folder: string,
  damage: Damage,
  everyBytes: number,
): Promise<TornReport> {
  const batches: AuditEntry[][] = Array.from({ length: APPENDS }, (_, append) =>
    Array.from({ length: RECORDS }, (_, n) => auditEntry(aNewPayment({ payment_id: `p${append}-${n}` }))),
  );
  const source = join(folder, 'whole');
  const anchor = anchorAt(EMPTY);
  const heads: AnchoredHead[] = [EMPTY];
  const log = await openAt(source, anchor);
  for (const [n, batch] of batches.entries()) {
    await log.append(batch, String(n));
    heads.push(anchor.head);
  }
  await log.close();
  const whole = readFileSync(join(source, segmentName(1)));
  const report: TornReport = { logBytes: whole.length, commits: APPENDS, checked: 0, findings: [] };

  for (const [n, head] of heads.entries()) {
    const next = heads[n + 1];
    const end = next?.bytes ?? head.bytes;
    for (const offset of offsetsAround(head.bytes, end, everyBytes)) {
      report.checked++;
      const problem = await recovers(head, offset, end, batches.slice(n));
      if (problem)
        report.findings.push(`audit log, ${damage} at byte ${offset}, head at ${head.bytes}: ${problem}`);
    }
  }
  return report;

  async function recovers(head: AnchoredHead, offset: number, end: number, rest: AuditEntry[][]) {
    const torn = join(folder, 'torn');
    const path = join(torn, segmentName(1));
    mkdirSync(torn);
    try {
      copyFileSync(join(source, segmentName(1)), path);
      truncateSync(path, end);
      if (damage === 'cut') truncateSync(path, offset);
      else
        writeFileSync(
          path,
          whole.subarray(0, offset).toString('latin1') + '\u0007'.repeat(end - offset),
          'latin1',
        );
      const before = offset < head.bytes;
      let log: Awaited<ReturnType<typeof openAt>>;
      try {
        log = await openAt(torn, anchorAt(head));
      } catch (error) {
        return before ? null : `refused: ${error instanceof Error ? error.message : error}`;
      }
      if (before) {
        await log.close();
        return 'accepted, although acknowledged records are damaged';
      }
      for (const batch of rest) await log.append(batch, '0');
      const verdict = await log.verify();
      await log.close();
      if (!verdict.ok) return `record ${verdict.record}: ${verdict.problem}`;
      return readFileSync(path).equals(whole) ? null : 'written on from the feed, it ends with other bytes';
    } finally {
      rmSync(torn, { recursive: true });
    }
  }
}

/** Before the head, where damage must be refused, right at it, and on to the end of the append that was under way. */
function* offsetsAround(head: number, end: number, everyBytes: number): Generator<number> {
  if (head > everyBytes) yield head - everyBytes;
  if (head > 0) yield head - 1;
  for (let offset = head; offset <= end; offset += everyBytes) yield offset;
}
