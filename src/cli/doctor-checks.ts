import { existsSync, readdirSync, statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { checkDatabase } from '../adapters/sqlite/copy-database.ts';
import { AUDIT } from '../app/audit.ts';
import { RELAY } from '../app/relay.ts';
import { isOpen } from '../domain/derive.ts';
import { PENDING_GRACE_MS } from '../domain/limits.ts';
import type { Operation, Payment } from '../domain/payment.ts';
import { FILES } from '../wiring.ts';
import { type Opened, serverOf } from './open-folder.ts';

export interface Check {
  name: string;
  status: 'ok' | 'warn' | 'fail';
  detail: string;
}

/** Below these a database, a log and their copies will soon not fit any more. */
const FREE_WARN_BYTES = 1024 ** 3;
const FREE_FAIL_BYTES = 64 * 1024 ** 2;

/** What is due first is looked at for the oldest: so many payments, and the rest waits behind them. */
const DUE_PAGE = 500;

const GROUP_AND_OTHERS = 0o077;

function check(name: string, status: Check['status'], detail: string): Check {
  return { name, status, detail };
}

function isOpenToOthers(path: string): boolean {
  return (statSync(path).mode & GROUP_AND_OTHERS) !== 0;
}

export function checkModes(folder: string): Check {
  const secret = [FILES.database, `${FILES.database}-wal`, FILES.simulator, 'secrets.json', FILES.demoKey];
  const audit = join(folder, FILES.audit);
  const segments = existsSync(audit) ? readdirSync(audit).map((name) => join(FILES.audit, name)) : [];
  const open = [...secret, ...segments].filter((name) => {
    const path = join(folder, name);
    return existsSync(path) && isOpenToOthers(path);
  });
  const fix = `Run: chmod -R go= ${folder}`;
  if (!isOpenToOthers(folder)) {
    if (open.length === 0) return check('modes', 'ok', 'readable by its owner alone');
    return check('modes', 'warn', `the folder is its owner's alone, but not ${open.join(', ')}. ${fix}`);
  }
  if (open.length === 0) return check('modes', 'warn', `others can list the folder. ${fix}`);
  return check('modes', 'fail', `others can read ${open.join(', ')}. ${fix}`);
}

export function checkDisk(folder: string): Check {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  const detail = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  return check('disk', free < FREE_FAIL_BYTES ? 'fail' : free < FREE_WARN_BYTES ? 'warn' : 'ok', detail);
}

export function checkDatabaseFile({ database: { connection } }: Opened): Check {
  const [problem] = checkDatabase(connection, 'quick_check');
  if (problem !== undefined) return check('database', 'fail', `${problem}. Restore a backup.`);
  const { user_version } = connection.prepare('PRAGMA user_version').get() as { user_version: number };
  return check('database', 'ok', `schema ${user_version}, sound`);
}

export async function checkWork({ folder, store, queue, config }: Opened): Promise<Check[]> {
  const server = serverOf(folder);
  const waiting = store.lag(RELAY) + (await queue.depth()).waiting;
  const letters = await queue.deadLetterCount();
  const detail = `${waiting} waiting, ${store.lag(AUDIT)} to be audited`;
  const full = waiting >= config.MAX_BACKLOG ? ', and new payments are refused' : '';
  return [
    server === null
      ? check(
          'server',
          waiting > 0 ? 'warn' : 'ok',
          waiting > 0 ? 'none runs, and work waits for one' : 'none runs',
        )
      : check('server', 'ok', server),
    check('backlog', full ? 'warn' : 'ok', detail + full),
    letters === 0
      ? check('dead letters', 'ok', 'none')
      : check('dead letters', 'warn', `${letters} to be settled by a person: npx tollgate dead-letters list`),
  ];
}

/** A challenge waits for the customer and is nobody's fault. */
function awaitsUs(payment: Payment): Operation[] {
  return payment.operations.filter(
    (operation) =>
      isOpen(payment, operation) &&
      operation.outcome !== 'requires_action' &&
      operation.dead_lettered_at === null,
  );
}

export async function checkUnsettled({ store, clock }: Opened): Promise<Check> {
  const { payments } = await store.due(Number.MAX_SAFE_INTEGER, null, DUE_PAGE);
  const open = payments.flatMap((payment) => awaitsUs(payment).map((operation) => ({ payment, operation })));
  const requestedMs = ({ operation }: (typeof open)[number]) => Date.parse(operation.requested_at);
  const oldest = open.sort((a, b) => requestedMs(a) - requestedMs(b))[0];
  if (!oldest) return check('oldest unsettled', 'ok', 'nothing is unsettled');
  const { payment, operation } = oldest;
  const ageMs = clock.now() - requestedMs(oldest);
  const detail =
    `${operation.id} of payment ${payment.payment_id} (${payment.merchant_id}): ${operation.outcome}, ` +
    `asked for ${Math.round(ageMs / 1_000)} s ago`;
  return check('oldest unsettled', ageMs > PENDING_GRACE_MS ? 'warn' : 'ok', detail);
}

export async function checkAudit({ auditReader }: Opened): Promise<Check> {
  const verdict = await auditReader.verify();
  if (verdict.ok)
    return check('audit log', 'ok', `whole: ${verdict.head.records} records, head ${verdict.head.hash}`);
  return check(
    'audit log',
    'fail',
    `broken at record ${verdict.record} (${verdict.where}). ${verdict.problem}`,
  );
}
