import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createSystemTimers } from '../../src/adapters/system/system-timers.ts';
import type { Ids } from '../../src/ports/ids.ts';
import type { Folder } from '../../src/wiring.ts';
import { makeKeys, withFolder } from './folder.ts';
import type { Ledger, SubmittedPayment } from './ledger.ts';

export interface OperatorDeps {
  folder: string;
  /** Chance, seeded. */
  ids: Ids;
  merchants: readonly string[];
  ledger: Ledger;
  found: (finding: string) => void;
}

export interface Operator {
  /** Writes beside the server, with the command line: a key, and now and then a file of payments. */
  act(prefix: string): Promise<void>;
  /** Runs again what was killed, as its documentation says; answers how many there were. */
  resume(): Promise<number>;
  /** Whether the keys that were made are there. */
  check(parts: Folder): Promise<void>;
  counts(): { keys: number; imported: number; killedImports: number };
}

interface Import {
  merchant: string;
  rows: SubmittedPayment[];
}

const ROOT = join(import.meta.dirname, '../..');
const ROWS = 25;
/** A process for each takes most of a second. */
const IMPORT_SHARE = 0.15;
const KILL_SHARE = 0.5;
/** From before it has opened the folder to after it is done. */
const MOST_RUN_MS = 1_500;

const timers = createSystemTimers();

/** Someone at the command line of the machine, while its server runs and is killed. */
export function createOperator({ folder, ids, merchants, ledger, found }: OperatorDeps): Operator {
  const keys: string[] = [];
  let killed: Import[] = [];
  let imported = 0;
  let killedImports = 0;

  function newImport(prefix: string): Import {
    const merchant = merchants[Math.floor(ids.random() * merchants.length)] as string;
    const rows = Array.from({ length: ROWS }, (_, n): SubmittedPayment => {
      const payment_id = `${prefix}-row-${n}`;
      return {
        payment_id,
        amount: 100 + n,
        currency: 'usd',
        payment_method: 'pm_card_visa',
        capture_method: 'automatic',
        description: `Row ${n}`,
        metadata: { from: 'file' },
      };
    });
    return { merchant, rows };
  }

  async function run({ merchant, rows }: Import, killAfterMs: number | null): Promise<void> {
    const file = join(folder, `${rows[0]?.payment_id}.ndjson`);
    writeFileSync(file, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    const options = ['payments', 'create', '--merchant', merchant, '--from', file, '--data-dir', folder];
    const child = spawn(process.execPath, ['src/entrypoints/cli.ts', ...options], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    const ended = once(child, 'close') as Promise<[number | null]>;
    if (killAfterMs !== null) void timers.sleep(killAfterMs).then(() => child.kill('SIGKILL'));
    const [code] = await ended;
    rmSync(file);
    if (child.signalCode === 'SIGKILL') {
      killedImports++;
      killed.push({ merchant, rows });
    } else if (code === 0) {
      imported += rows.length;
      for (const row of rows) ledger.imported(merchant, row);
    } else found(`An import beside the server ended with code ${code}: ${said}`);
  }

  return {
    async act(prefix) {
      await withFolder(folder, async (parts) => {
        const [key] = (await makeKeys(parts, ['operator'])).values();
        if (key) keys.push(key);
      });
      if (ids.random() >= IMPORT_SHARE) return;
      const killAfterMs = ids.random() < KILL_SHARE ? ids.random() * MOST_RUN_MS : null;
      await run(newImport(prefix), killAfterMs);
    },

    async resume() {
      const again = killed;
      killed = [];
      for (const one of again) await run(one, null);
      return again.length;
    },

    async check(parts) {
      const stored = new Set((await parts.keys.list('operator')).map(({ key_id }) => key_id));
      const lost = keys.filter((key) => ![...stored].some((id) => key.includes(id)));
      if (lost.length > 0) found(`${lost.length} API keys that were made are not there`);
    },

    counts: () => ({ keys: keys.length, imported, killedImports }),
  };
}
