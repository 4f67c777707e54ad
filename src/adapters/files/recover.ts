import { claimedHash, GENESIS_HASH } from '../../domain/audit-chain.ts';
import type { AnchoredHead } from '../../ports/audit-log.ts';
import type { Logger } from '../../ports/logger.ts';
import type { LogFiles } from './log-files.ts';
import { findTail, segmentName, segmentPath, type Tail } from './segments.ts';

/**
 * A crash leaves at most one append beyond the anchor. More than any append writes is no torn tail but a log that
 * is newer than its anchor: cutting that would destroy the evidence which the log is for.
 */
export const MAX_TORN_BYTES = 16 * 1024 * 1024;

const NEWLINE = 0x0a;

/** More than the hash member and the newline, which are all that is looked at. */
const LINE_END_BYTES = 128;

/**
 * Makes the files end where the anchor says that they do.
 * @throws if records before the anchored head are not there
 */
export async function recover(
  files: LogFiles,
  folder: string,
  anchored: AnchoredHead,
  logger: Logger,
): Promise<void> {
  await requireAnchored(files, folder, anchored);
  const tail = await findTail(files, folder, anchored);
  if (!tail) return;
  if (tail.bytes > MAX_TORN_BYTES || tail.laterSegments.length > 1)
    throw new Error(newerThanAnchor(folder, anchored, tail));
  for (const segment of tail.laterSegments) await files.remove(segmentPath(folder, segment));
  const path = segmentPath(folder, anchored.segment);
  if ((await files.sizeOf(path)) !== null) await files.truncate(path, anchored.bytes);
  await files.syncFolder(folder);
  logger.warn(
    { cut_bytes: tail.bytes, segment: segmentName(anchored.segment), records: anchored.records },
    'Cut a tail of the audit log that was never acknowledged; it is written again from the change feed.',
  );
}

async function requireAnchored(files: LogFiles, folder: string, anchored: AnchoredHead): Promise<void> {
  for (let segment = 1; segment < anchored.segment; segment += 1) {
    const found = await files.sizeOf(segmentPath(folder, segment));
    if (found === null) throw new Error(lost(folder, anchored, `${segmentName(segment)} is missing`));
  }
  if (anchored.bytes === 0) return;
  const path = segmentPath(folder, anchored.segment);
  const sizeBytes = await files.sizeOf(path);
  if (sizeBytes === null)
    throw new Error(lost(folder, anchored, `${segmentName(anchored.segment)} is missing`));
  if (sizeBytes < anchored.bytes) {
    throw new Error(lost(folder, anchored, `${segmentName(anchored.segment)} has only ${sizeBytes} bytes`));
  }
  const last: Buffer[] = [];
  const start = Math.max(0, anchored.bytes - LINE_END_BYTES);
  for await (const chunk of files.read(path, start, anchored.bytes)) last.push(chunk);
  const line = Buffer.concat(last);
  if (line.at(-1) !== NEWLINE || claimedHash(line.subarray(0, -1)) !== anchored.hash) {
    throw new Error(lost(folder, anchored, `${segmentName(anchored.segment)} has another record there`));
  }
}

function lost(folder: string, anchored: AnchoredHead, found: string): string {
  const { records, segment, bytes } = anchored;
  return (
    `The audit log in ${folder} was truncated, lost or changed: its head is record ${records}, which ends at byte ` +
    `${bytes} of ${segmentName(segment)}, but ${found}. Restore the folder from a backup that is no older than the ` +
    'database, then run "tollgate audit verify".'
  );
}

function newerThanAnchor(folder: string, anchored: AnchoredHead, tail: Tail): string {
  const head = anchored.hash === GENESIS_HASH ? 'an empty log' : `record ${anchored.records}`;
  return (
    `The audit log in ${folder} goes on for ${tail.bytes} bytes beyond its head (${head}): more than a crash leaves. ` +
    'The database is older than the log. Restore the database that belongs to it, or move the folder away to begin ' +
    'a new log, and keep the old one.'
  );
}
