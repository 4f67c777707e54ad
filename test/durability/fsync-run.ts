import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createClient } from '../crash/client.ts';
import { makeKeys, withFolder } from '../crash/folder.ts';
import { startServerProcess } from '../server-process.ts';
import { attachStrace } from './strace.ts';
import { createStraceReader } from './strace-lines.ts';
import { createSyncOrder, type SyncReport } from './sync-order.ts';

export interface FsyncRun {
  connections: number;
  payments: number;
  /** What the server is made to lie about; null for the server as it is. */
  withoutSync: 'log' | 'audit' | null;
}

const MERCHANT = 'anchor-books';
const PREFIX = 'fs-';
/** A page of the database, and what stands around it. */
const STRING_BYTES = 16_384;
const CALLS = 'trace=fdatasync,fsync,write,writev,pwrite64,pwritev,sendto,sendmsg';

/** Serves payments and refunds under strace, and says whether all of it was on disk before anybody heard of it. */
export async function runFsyncCheck({
  connections,
  payments,
  withoutSync,
}: FsyncRun): Promise<SyncReport & { answered: number }> {
  const place = mkdtempSync(join(tmpdir(), 'tollgate-fsync-'));
  const folder = join(place, 'data');
  const trace = join(place, 'trace');
  const keys = await withFolder(folder, (parts) => makeKeys(parts, [MERCHANT]));
  const hook = join(import.meta.dirname, 'without-sync.ts');
  const server = startServerProcess({
    PORT: '0',
    DATA_DIR: folder,
    RATE_LIMIT_PER_SECOND: '0',
    LOG_LEVEL: 'error',
    ...(withoutSync && { NODE_OPTIONS: `--import ${hook}`, WITHOUT_SYNC: withoutSync }),
  });
  let answered = 0;
  try {
    const url = await server.ready;
    const options = ['-ttt', '-y', '-xx', '-s', String(STRING_BYTES), '-e', CALLS, '-o', trace];
    const strace = await attachStrace(server.pid, options);
    const send = createClient(url, keys);
    let next = 0;
    const connection = async (): Promise<void> => {
      while (next < payments) {
        const payment_id = `${PREFIX}${++next}`;
        const path = `/payments/${payment_id}`;
        // Every other one waits for the PSP's answer, and shows a later version.
        const headers: Record<string, string> = next % 2 === 0 ? { prefer: 'wait=5' } : {};
        const body = { payment_id, amount: 1_000 };
        const made = await send({ merchant: MERCHANT, method: 'POST', path: '/payments', body, headers });
        answered += made?.status === 201 ? 1 : 0;
        await send({ merchant: MERCHANT, method: 'GET', path });
        if (made?.json.status !== 'completed') continue;
        const refund = { refund_id: `${payment_id}-r`, amount: 600 };
        await send({ merchant: MERCHANT, method: 'POST', path: `${path}/refunds`, body: refund });
        await send({ merchant: MERCHANT, method: 'GET', path: `${path}/refunds/${payment_id}-r` });
        await send({ merchant: MERCHANT, method: 'GET', path });
      }
    };
    await Promise.all(Array.from({ length: connections }, connection));
    // Stopped under strace, so that the last of the audit log is seen too.
    await server.stop();
    await strace.stop();
    return { ...(await readTrace(trace)), answered };
  } finally {
    await server.kill();
    rmSync(place, { recursive: true });
  }
}

async function readTrace(path: string): Promise<SyncReport> {
  const order = createSyncOrder(PREFIX);
  const reader = createStraceReader(order.call);
  for await (const line of createInterface({ input: createReadStream(path) })) reader.line(line);
  return order.report();
}
