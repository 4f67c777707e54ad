import { describe, expect, it } from 'vitest';
import { createStraceReader } from './strace-lines.ts';
import { createSyncOrder, type SyncReport } from './sync-order.ts';

const hex = (bytes: string | Buffer) =>
  [...Buffer.from(bytes)].map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`).join('');
const LOG = `24<${hex('/data/tollgate.db-wal')}>`;
const AUDIT = `32<${hex('/data/audit/audit-000001.ndjson')}>`;
const SIMULATOR = `28<${hex('/data/simulator.db-wal')}>`;
const SOCKET = `33<${hex('socket:[7]')}>`;

/** A commit of one page, with whatever text is on it. */
function commit(text: string): string[] {
  const header = Buffer.alloc(24);
  header.writeUInt32BE(9, 4);
  return [
    `7 1.1 pwrite64(${LOG}, "${hex(header)}", 24, 32) = 24 <0.1>`,
    `7 1.1 pwrite64(${LOG}, "${hex(text)}", 4096, 56) = 4096 <0.1>`,
  ];
}
const record = (version: number) =>
  `{"payment_id":"fs-1","amount":5,"operations":[{"id":"fs-1-r"}],"history":[${Array(version).fill('["a","b"]')}]}`;
const sync = (file = LOG, end = ') = 0 <0.1>') => `8 1.2 fdatasync(${file}${end}`;
const SYNC_RETURNS = '8 1.4 <... fdatasync resumed>) = 0 <0.1>';
const write = (file: string, text: string, thread = 7) =>
  `${thread} 1.3 write(${file}, "${hex(text)}", 9) = 9 <0.1>`;
const answer = (version: number) =>
  write(SOCKET, `HTTP/1.1 201 Created\r\n\r\n{"payment_id":"fs-1","version":${version},"x":1}`);
const refunded = write(SOCKET, 'HTTP/1.1 202 Accepted\r\n\r\n{"refund_id":"fs-1-r","payment_id":"fs-1"}');
const HASH = 'ab'.repeat(32);
const audited = write(AUDIT, `{"payment_id":"fs-1","version":1,"hash":"${HASH}"}\n`, 9);

function judge(...lines: (string | string[])[]): SyncReport {
  const order = createSyncOrder('fs-');
  const reader = createStraceReader(order.call);
  for (const line of lines.flat()) reader.line(line);
  return order.report();
}

describe('the order of writes and syncs', () => {
  it.each([
    ['an answer after a sync of its commit', [commit(record(1)), sync(), answer(1)]],
    ['a refund after a sync of its commit', [commit(record(1)), sync(), refunded]],
    [
      'an earlier version, while a later one is not synced',
      [commit(record(1)), sync(), commit(record(2)), answer(1)],
    ],
    [
      'a sync that was interrupted',
      [commit(record(1)), sync(LOG, ' <unfinished ...>'), SYNC_RETURNS, answer(1)],
    ],
    [
      'an audit append that is synced before its head moves',
      [commit(record(1)), sync(), audited, sync(AUDIT), commit(HASH)],
    ],
    ['a PSP that is asked afterwards', [commit(record(1)), sync(), write(SIMULATOR, 'fs-1')]],
  ])('is right with %s', (_, lines) => {
    const { findings, counts } = judge(...lines);
    expect(findings).toEqual([]);
    expect(counts.answers + counts.asked + counts.auditAppends).toBe(1);
  });

  it.each([
    ['no sync', [commit(record(1)), answer(1)]],
    [
      'a sync that began before the commit',
      [sync(LOG, ' <unfinished ...>'), commit(record(1)), SYNC_RETURNS, answer(1)],
    ],
    [
      'a sync that has not returned',
      [commit(record(1)), sync(LOG, ' <unfinished ...>'), answer(1), SYNC_RETURNS],
    ],
    ['a sync that failed', [commit(record(1)), sync(LOG, ') = -1 EIO (Input/output error)'), answer(1)]],
    ['a sync that strace made up', [commit(record(1)), sync(LOG, ') = 0 (INJECTED)'), answer(1)]],
    ['a sync of another file', [commit(record(1)), sync(AUDIT), answer(1)]],
    ['no commit at all', [sync(), answer(1)]],
    ['a sync of an earlier version only', [commit(record(1)), sync(), commit(record(2)), answer(2)]],
    ['a refund that is not synced', [commit(record(1)), refunded]],
    ['an audit record of what is not synced', [commit(record(1)), audited]],
    ['an audit head that moves too early', [commit(record(1)), sync(), audited, commit(HASH), sync(AUDIT)]],
    ['a PSP that is asked before', [commit(record(1)), write(SIMULATOR, 'fs-1'), sync()]],
  ])('is wrong with %s', (_, lines) => {
    expect(judge(...lines).findings).toHaveLength(1);
  });
});
