import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { copyAuditLog } from '../adapters/files/copy-audit-log.ts';
import { checkDatabase, copyDatabase } from '../adapters/sqlite/copy-database.ts';
import { timestamp } from '../domain/payment.ts';
import type { AuditHead } from '../ports/audit-log.ts';
import { FILES, openFolder } from '../wiring.ts';
import { CommandError } from './exit.ts';
import type { Opened } from './open-folder.ts';

const SECRETS = 'secrets.json';
/** Written last: a folder without it is a backup that was not finished. */
const MANIFEST = 'backup.json';

export interface Backup {
  made_at: string;
  with_simulator: boolean;
  audit: AuditHead;
}

/**
 * Copies the folder beside whatever server runs on it, and proves the copy before it says so. What fails leaves
 * nothing behind.
 * @throws CommandError if the target holds anything, or the copy is not sound
 */
export async function backupFolder(source: Opened, target: string, withSimulator: boolean): Promise<Backup> {
  if (existsSync(target) && readdirSync(target).length > 0) {
    throw new CommandError(
      'no',
      `${target} is not empty. Give a folder that is empty or not there: nothing is overwritten.`,
    );
  }
  mkdirSync(target, { recursive: true, mode: 0o700 });
  chmodSync(target, 0o700);
  try {
    copyFileSync(join(source.folder, SECRETS), join(target, SECRETS));
    chmodSync(join(target, SECRETS), 0o600);
    copyDatabase(source.database.connection, join(target, FILES.database));
    // After ours, as it is in life: a PSP may know what a restored backup does not, and never less.
    if (withSimulator) copySimulator(source.folder, target);
    const audit = await copyAndCheckAudit(source, target);
    const backup = { made_at: timestamp(source.clock.now()), with_simulator: withSimulator, audit };
    writeFileSync(join(target, MANIFEST), `${JSON.stringify(backup, null, 2)}\n`, { mode: 0o600 });
    for (const name of [SECRETS, FILES.database, MANIFEST, '.']) sync(join(target, name));
    return backup;
  } catch (error) {
    for (const name of readdirSync(target)) rmSync(join(target, name), { recursive: true });
    throw error;
  }
}

function copySimulator(from: string, to: string): void {
  const path = join(from, FILES.simulator);
  if (!existsSync(path))
    throw new CommandError('no', `There is no ${path} to copy. Leave out --with-simulator.`);
  const connection = new DatabaseSync(path, { readOnly: true });
  try {
    copyDatabase(connection, join(to, FILES.simulator));
  } finally {
    connection.close();
  }
}

/** The audit log up to the head that the copied database anchors, whatever the server has written since. */
async function copyAndCheckAudit(source: Opened, target: string): Promise<AuditHead> {
  const copy = openFolder({ ...source.config, DATA_DIR: target }, 'tool', source.logger);
  try {
    await copyAuditLog(source.auditFolder, copy.auditFolder, await copy.anchor.load());
    const [problem] = checkDatabase(copy.database.connection, 'integrity_check');
    if (problem !== undefined)
      throw new CommandError('no', `The copy of the database is not sound: ${problem}`);
    const verdict = await copy.auditReader.verify();
    if (!verdict.ok) {
      throw new CommandError(
        'no',
        `The audit log is broken at record ${verdict.record} (${verdict.where}), so no backup was made. ${verdict.problem}`,
      );
    }
    return verdict.head;
  } finally {
    await copy.database.close();
  }
}

function sync(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
