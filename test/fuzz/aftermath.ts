import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AUDIT } from '../../src/app/audit.ts';
import { isOpen } from '../../src/domain/derive.ts';
import type { Folder } from '../../src/wiring.ts';
import { checkAuditLines, readBooks } from '../crash/check-books.ts';
import { bytesHoldCanary } from './canary.ts';
import type { Outcome } from './exchange.ts';
import { type Keys, MERCHANTS } from './plan.ts';

const ROOT = join(import.meta.dirname, '..', '..');
/** Look-ups of answers that never came take some seconds; and the machine may be busy. */
const DRAIN_LIMIT_MS = 60_000;
const DRAIN_POLL_MS = 250;

type Found = (finding: string) => void;

/** Waits until nothing is left to do but what waits for a customer or a merchant. */
export async function waitUntilSettled({ store, queue }: Folder, found: Found): Promise<void> {
  const startedAt = performance.now();
  for (;;) {
    const { waiting, delayed, inFlight } = await queue.depth();
    const left = waiting + delayed + inFlight + store.lag(AUDIT) + (await countUnsettled(store));
    if (left === 0) return;
    if (performance.now() - startedAt > DRAIN_LIMIT_MS) {
      found(`After ${DRAIN_LIMIT_MS / 1_000} s there is work left: ${left} queued, unaudited or unsettled`);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  }
}

async function countUnsettled(store: Folder['store']): Promise<number> {
  let unsettled = 0;
  let cursor: string | null = null;
  do {
    const page = await store.due(Number.MAX_SAFE_INTEGER, cursor, 1_000);
    const waitsForUs = page.payments.filter((payment) =>
      payment.operations.some(
        (operation) => isOpen(payment, operation) && operation.outcome !== 'requires_action',
      ),
    );
    unsettled += waitsForUs.length;
    cursor = page.cursor;
  } while (cursor !== null);
  return unsettled;
}

/** Every payment that was accepted is there, and the audit log holds every version of every one of them. */
export async function checkPayments(
  folder: Folder,
  accepted: ReadonlyMap<number, Outcome>,
  found: Found,
): Promise<{ payments: number; auditRecords: number }> {
  const books = await readBooks(folder.store, Object.values(MERCHANTS));
  const ids = new Set([...books.values()].map(({ payment_id }) => payment_id));
  for (const [number, { status, id }] of accepted) {
    if (status === 201 && !ids.has(id)) found(`Number ${number} made payment ${id}, which is not there`);
  }
  const auditRecords = await checkAuditLines(books, folder.auditReader.lines(), found);
  return { payments: books.size, auditRecords };
}

/** What an operator would look at: both commands must say that all is well. */
export async function checkByCommand(dataDir: string, found: Found): Promise<void> {
  for (const args of [
    ['doctor', '--compare'],
    ['audit', 'verify'],
  ]) {
    const { code, said } = await runTool([...args, '--data-dir', dataDir]);
    if (code !== 0) found(`tollgate ${args.join(' ')} ended with ${code}:\n${said}`);
  }
}

function runTool(args: readonly string[]): Promise<{ code: number | string; said: string }> {
  return new Promise((resolve) => {
    const options = { cwd: ROOT, maxBuffer: 2 ** 26 };
    execFile(process.execPath, ['src/entrypoints/cli.ts', ...args], options, (error, out, complaint) =>
      resolve({ code: error?.code ?? 0, said: out + complaint }),
    );
  });
}

/** Neither the card number nor the secret of a key stands in any file, be it data or log. */
export function checkNoSecrets(folders: readonly string[], keys: Keys, found: Found): number {
  const secrets = Object.values(keys).map((key) => Buffer.from(key.slice(key.lastIndexOf('_') + 1)));
  let files = 0;
  for (const path of folders.flatMap(filesOf)) {
    const bytes = readFileSync(path);
    files++;
    if (bytesHoldCanary(bytes)) found(`The card number stands in ${path}`);
    if (secrets.some((secret) => bytes.includes(secret))) found(`The secret of a key stands in ${path}`);
  }
  return files;
}

function filesOf(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile());
}

/** Faults that were logged, and were not seen by who asked. */
export function checkLog(log: string, found: Found): void {
  for (const line of log.split('\n')) {
    if (/"level":(?:50|60|"error"|"fatal")/.test(line) || line.includes('"stack"'))
      found(`Logged: ${line.slice(0, 500)}`);
  }
}
