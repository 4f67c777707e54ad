import { checkDatabase } from '../../src/adapters/sqlite/copy-database.ts';
import type { AuditHead } from '../../src/ports/audit-log.ts';
import type { ServerProcess } from '../server-process.ts';
import { checkAuditLines, checkBooks, checkPsp, readBooks } from './check-books.ts';
import { checkChain } from './check-chain.ts';
import { drain } from './drain.ts';
import { withFolder, withReport, withSimulatorFile } from './folder.ts';
import type { Ledger } from './ledger.ts';

export interface EndWell {
  server: ServerProcess;
  folder: string;
  merchants: readonly string[];
  ledger: Ledger;
  /** Of the audit log, as it was noted before. */
  head: AuditHead | undefined;
  found: (finding: string) => void;
}

export interface Ended {
  drainSeconds: number;
  auditRecords: number;
  pspLines: number;
  statuses: Record<string, number>;
}

/** Lets the server finish everything, stops it, and compares what was acknowledged, our books, the PSP and the audit. */
export async function endWell({ server, folder, merchants, ledger, head, found }: EndWell): Promise<Ended> {
  const drainSeconds = (await withFolder(folder, (parts) => drain(parts, found))) / 1_000;
  const { code, signal } = await server.stop();
  if (code !== 0) found(`Asked to stop, the server ended with ${signal ?? `code ${code}`}`);
  return withFolder(folder, async (parts) => {
    for (const problem of checkDatabase(parts.database.connection, 'integrity_check'))
      found(`The database is damaged: ${problem}`);
    for (const problem of withSimulatorFile(folder, (file) => checkDatabase(file, 'integrity_check')))
      found(`The simulator's database is damaged: ${problem}`);
    const books = await readBooks(parts.store, merchants);
    checkBooks(books, ledger, found);
    await checkChain(parts, head, found);
    const auditRecords = await checkAuditLines(books, parts.auditReader.lines(), found);
    const { lines: pspLines } = await withReport(parts, (report) => checkPsp(books, report, found));
    const dead = await parts.queue.deadLetters(10);
    for (const { item, reason } of dead) found(`Dead letter: ${item.payment_id} ${reason}`);
    const statuses: Record<string, number> = {};
    for (const { status } of books.values()) statuses[status] = (statuses[status] ?? 0) + 1;
    return { drainSeconds, auditRecords, pspLines, statuses };
  });
}
