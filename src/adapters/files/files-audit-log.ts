import { chainEntry } from '../../domain/audit-chain.ts';
import type { AnchoredHead, AuditEntry, AuditHead, AuditLog } from '../../ports/audit-log.ts';
import { UnavailableError } from '../../ports/faults.ts';
import type { Logger } from '../../ports/logger.ts';
import { type FilesAuditReaderOptions, readFilesAuditLog } from './files-audit-reader.ts';
import { type LogFile, nodeLogFiles } from './log-files.ts';
import { MAX_TORN_BYTES, recover } from './recover.ts';
import { segmentPath } from './segments.ts';

export interface FilesAuditLogOptions extends FilesAuditReaderOptions {
  logger: Logger;
  /** @default 64 MiB: small enough to copy and to keep apart, large enough that a year has few of them. */
  segmentBytes?: number | undefined;
}

export interface FilesAuditLog extends AuditLog {
  /** After the appends under way. The log is of no use afterwards. */
  close(): Promise<void>;
}

const DEFAULT_SEGMENT_BYTES = 64 * 1024 * 1024;

/**
 * The audit log in NDJSON segments. An append is one write and one fsync, and only then moves the anchor, so that
 * the anchor never points past what is durable; what stands beyond it was never acknowledged and is cut.
 * One process may write a folder.
 * @throws if the files end before the anchored head
 */
export async function openFilesAuditLog(options: FilesAuditLogOptions): Promise<FilesAuditLog> {
  const { folder, anchor, logger, files = nodeLogFiles, segmentBytes = DEFAULT_SEGMENT_BYTES } = options;
  const reader = readFilesAuditLog(options);
  await files.makeFolder(folder);
  let head = await anchor.load();
  await recover(files, folder, head, logger);
  let open: { segment: number; file: LogFile } | null = null;
  let isClosed = false;
  /** Set while it is not known where the files end, or whether the anchor moved. */
  let inDoubt = false;
  let lastTurn: Promise<unknown> = Promise.resolve();

  /** One after the other, so that two callers never write between each other's lines. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = lastTurn.then(work);
    lastTurn = Promise.allSettled([turn]);
    return turn;
  }

  async function append(entries: readonly AuditEntry[], position: string): Promise<AuditHead> {
    if (isClosed) throw new UnavailableError('The audit log is closed.');
    try {
      if (inDoubt) await settleDoubt();
    } catch (cause) {
      throw unavailable(cause);
    }
    const { bytes, hash } = chained(head.hash, entries);
    if (bytes.length > MAX_TORN_BYTES) {
      throw new Error(
        `An append of ${bytes.length} bytes is too large: ${MAX_TORN_BYTES} at most. Append fewer entries.`,
      );
    }
    try {
      inDoubt = true;
      const next = bytes.length === 0 ? head : await write(bytes, entries.length, hash);
      await anchor.save(next, position);
      head = next;
      inDoubt = false;
      return headOf(head);
    } catch (cause) {
      throw unavailable(cause);
    }
  }

  async function write(bytes: Buffer, records: number, hash: string): Promise<AnchoredHead> {
    const startsNew = head.bytes > 0 && head.bytes + bytes.length > segmentBytes;
    const segment = startsNew ? head.segment + 1 : head.segment;
    const before = startsNew ? 0 : head.bytes;
    if (open?.segment !== segment) await openSegment(segment, before);
    const { file } = open as { file: LogFile };
    await file.append(bytes);
    await file.sync();
    if (before === 0) await files.syncFolder(folder);
    return { records: head.records + records, hash, segment, bytes: before + bytes.length };
  }

  async function openSegment(segment: number, expectedBytes: number): Promise<void> {
    await closeSegment();
    const path = segmentPath(folder, segment);
    open = { segment, file: await files.openToAppend(path) };
    const sizeBytes = await files.sizeOf(path);
    if (sizeBytes !== expectedBytes)
      throw new Error(`${path} has ${sizeBytes} bytes instead of ${expectedBytes}`);
  }

  async function closeSegment(): Promise<void> {
    const closing = open;
    open = null;
    await closing?.file.close();
  }

  /** After a fault the anchor alone knows what was acknowledged: its save may have failed after it took effect. */
  async function settleDoubt(): Promise<void> {
    await closeSegment();
    head = await anchor.load();
    await recover(files, folder, head, logger);
    inDoubt = false;
  }

  return {
    ...reader,
    append: (entries, position) => inTurn(() => append(entries, position)),
    head: async () => headOf(head),
    close: () =>
      inTurn(async () => {
        isClosed = true;
        await closeSegment();
      }),
  };
}

function headOf({ records, hash }: AnchoredHead): AuditHead {
  return { records, hash };
}

function chained(previousHash: string, entries: readonly AuditEntry[]): { bytes: Buffer; hash: string } {
  let text = '';
  let hash = previousHash;
  for (const entry of entries) {
    const next = chainEntry(hash, entry);
    text += `${next.line}\n`;
    hash = next.hash;
  }
  return { bytes: Buffer.from(text), hash };
}

function unavailable(cause: unknown): UnavailableError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new UnavailableError(`The audit log did not take the entries: ${reason}`, { cause });
}
