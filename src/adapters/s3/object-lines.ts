import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { chainEntry, checkLine } from '../../domain/audit-chain.ts';
import type { AuditEntry, ObjectHead } from '../../ports/audit-log.ts';

/**
 * Far more than an append of a thousand changes. It bounds what a reader takes into memory, unpacked too: an object
 * that was put there to fill the memory is refused.
 */
export const MAX_OBJECT_BYTES = 16 * 1024 * 1024;

/** A piece of the log as it stands in one object. */
export interface ObjectBatch {
  /** Lines with their newlines. */
  text: Buffer;
  /** The head when the object is part of the log. */
  to: ObjectHead;
}

export type ReadLines = { lines: Buffer[] } | { problem: string; lines: Buffer[] };

const NEWLINE = 0x0a;
const GZIP_MAGIC = 0x1f8b;

const pack = promisify(gzip);

/** Chains entries as the object after `from`. A function of both, so that what is written again is the same bytes. */
export function chainBatch(from: ObjectHead, entries: readonly AuditEntry[]): ObjectBatch {
  let text = '';
  let { hash } = from;
  for (const entry of entries) {
    const next = chainEntry(hash, entry);
    text += `${next.line}\n`;
    hash = next.hash;
  }
  const to = { records: from.records + entries.length, hash, object: from.object + 1 };
  const bytes = Buffer.from(text);
  if (bytes.length > MAX_OBJECT_BYTES) {
    throw new Error(
      `An append of ${bytes.length} bytes is too large: ${MAX_OBJECT_BYTES} at most. Append fewer entries.`,
    );
  }
  return { text: bytes, to };
}

export function packLines(text: Buffer): Promise<Buffer> {
  return pack(text);
}

/** The lines of an object; with a problem, those before it. */
export async function readLines(bytes: Uint8Array): Promise<ReadLines> {
  const unpacked = await unpack(bytes);
  if (typeof unpacked === 'string') return { problem: unpacked, lines: [] };
  const lines: Buffer[] = [];
  let at = 0;
  for (let end = unpacked.indexOf(NEWLINE); end !== -1; end = unpacked.indexOf(NEWLINE, at)) {
    lines.push(unpacked.subarray(at, end));
    at = end + 1;
  }
  if (at < unpacked.length)
    return { problem: 'The object ends in the middle of this record: it was edited or truncated.', lines };
  if (lines.length === 0) return { problem: 'The object holds no record: it was truncated.', lines };
  return { lines };
}

/** What was packed, or why it cannot be unpacked. */
async function unpack(bytes: Uint8Array): Promise<Buffer | string> {
  const given = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (given.length < 2 || given.readUInt16BE() !== GZIP_MAGIC) return given;
  try {
    const { text, usedBytes } = await unpackGzip(given);
    if (usedBytes === given.length) return text;
    return `The object has ${given.length - usedBytes} bytes after its end: they were added.`;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ERR_BUFFER_TOO_LARGE')
      return 'The object is larger, unpacked, than any that Tollgate writes.';
    if (code?.startsWith('Z_')) return 'The object cannot be unpacked: it was edited or truncated.';
    throw error;
  }
}

interface Unpacked {
  text: Buffer;
  /** How many of the packed bytes belong to it. */
  usedBytes: number;
}

function unpackGzip(given: Buffer): Promise<Unpacked> {
  return new Promise((resolve, reject) => {
    gunzip(given, { maxOutputLength: MAX_OBJECT_BYTES, info: true }, (error, result) => {
      if (error) return reject(error);
      // With `info` it is the buffer together with the engine, which the types do not say.
      const { buffer, engine } = result as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
      resolve({ text: buffer, usedBytes: engine.bytesWritten });
    });
  });
}

/**
 * The head after an object that follows from `from`; null if it does not follow.
 * @param read the object's lines
 */
export function headAfter(from: ObjectHead, read: ReadLines): ObjectHead | null {
  if ('problem' in read) return null;
  let { hash } = from;
  for (const line of read.lines) {
    const check = checkLine(hash, line);
    if (!check.ok) return null;
    hash = check.hash;
  }
  return { records: from.records + read.lines.length, hash, object: from.object + 1 };
}
