import type { ImportRow } from '../app/import-payments.ts';
import { csvRows } from './csv-rows.ts';
import { ndjsonRows } from './ndjson-rows.ts';
import { MAX_ROW_BYTES } from './row-limits.ts';

export type RowFormat = 'csv' | 'ndjson';

const OPENING_BRACE = 0x7b;
const NEWLINE = 0x0a;
const SPACE = 0x20;
const BYTE_ORDER_MARK = Buffer.from([0xef, 0xbb, 0xbf]);

/** The rows of a file, without holding more than a few of them. Null if it is empty. */
export async function readRows(
  source: AsyncIterable<Buffer>,
  format: RowFormat | undefined,
): Promise<AsyncIterable<ImportRow> | null> {
  const chunks = source[Symbol.asyncIterator]();
  const head = withoutMark(await firstLine(chunks));
  if (head.toString('latin1').trim() === '') return null;
  const all = resume(head, chunks);
  return (format ?? detect(head)) === 'ndjson' ? ndjsonRows(all) : csvRows(all, head);
}

function detect(head: Buffer): RowFormat {
  return head.toString('latin1').trimStart().charCodeAt(0) === OPENING_BRACE ? 'ndjson' : 'csv';
}

/** Reads until a line that is not empty is there as a whole, or more than a row may have. */
async function firstLine(chunks: AsyncIterator<Buffer>): Promise<Buffer> {
  let head: Buffer = Buffer.alloc(0);
  for (;;) {
    const start = head.findIndex((byte) => byte > SPACE);
    if ((start !== -1 && head.indexOf(NEWLINE, start) !== -1) || head.length > MAX_ROW_BYTES) return head;
    const { value, done } = await chunks.next();
    if (done) return head;
    head = Buffer.concat([head, value]);
  }
}

function withoutMark(head: Buffer): Buffer {
  return head.subarray(0, BYTE_ORDER_MARK.length).equals(BYTE_ORDER_MARK)
    ? head.subarray(BYTE_ORDER_MARK.length)
    : head;
}

async function* resume(head: Buffer, chunks: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head;
  for (;;) {
    const { value, done } = await chunks.next();
    if (done) return;
    yield value;
  }
}
