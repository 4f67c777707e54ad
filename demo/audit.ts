import { GAP } from '../src/domain/audit-gap.ts';
import type { AuditVerdict } from '../src/ports/audit-log.ts';
import type { Folder } from '../src/wiring.ts';
import type { Books } from './books.ts';

export interface AuditFindings {
  verdict: AuditVerdict;
  /** Records about the payments of the day; and how many there must be: one for each version. */
  records: number;
  due: number;
}

/** The log follows the payments within milliseconds; a busy server may be behind for longer. */
const CATCH_UP_LIMIT_MS = 10_000;
const POLL_MS = 200;

/** Checks every link of the audit log, and that each change of these payments stands in it once. */
export async function auditDay({ auditReader, timers }: Folder, books: Books): Promise<AuditFindings> {
  const versions = new Map<string, number>();
  for (const [{ merchant }, { payment_id, version }] of books)
    versions.set(`${merchant} ${payment_id}`, version);
  const due = [...versions.values()].reduce((sum, version) => sum + version, 0);

  const startedAt = performance.now();
  let records = await count(auditReader.lines(), versions);
  while (records < due && performance.now() - startedAt < CATCH_UP_LIMIT_MS) {
    await timers.sleep(POLL_MS);
    records = await count(auditReader.lines(), versions);
  }
  return { verdict: await auditReader.verify(), records, due };
}

async function count(lines: AsyncIterable<string>, versions: ReadonlyMap<string, number>): Promise<number> {
  const seen = new Set<string>();
  let records = 0;
  for await (const line of lines) {
    const { merchant_id, payment_id, version, kind } = JSON.parse(line);
    // It says that a change is unknown: it does not stand for the change.
    if (kind === GAP) continue;
    const last = versions.get(`${merchant_id} ${payment_id}`);
    if (last === undefined) continue;
    const change = `${merchant_id} ${payment_id} ${version}`;
    // A record that is there twice is one too many, and is counted.
    if (version <= last || seen.has(change)) records++;
    seen.add(change);
  }
  return records;
}
