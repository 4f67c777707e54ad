import type { AnchoredHead } from '../../ports/audit-log.ts';
import type { LogFiles } from './log-files.ts';
import { type Place, segmentName, segmentPath } from './segments.ts';

export type Scanned = { line: Buffer; place: Place } | { problem: string; place: Place };

const NEWLINE = 0x0a;

/** Far above any record; a file without newlines must not be taken into memory whole. */
const MAX_LINE_BYTES = 16 * 1024 * 1024;

/**
 * Reads the records from a place up to the anchored head, a chunk at a time, and stops at the first place where
 * the files are not what the anchor says. What lies before the anchor never changes, so a writer may be at work.
 */
export async function* scan(
  files: LogFiles,
  folder: string,
  from: Place,
  anchored: AnchoredHead,
): AsyncGenerator<Scanned[]> {
  for (let segment = from.segment; segment <= anchored.segment; segment += 1) {
    const start = segment === from.segment ? from.byte : 0;
    const isLast = segment === anchored.segment;
    if (isLast && anchored.bytes === start) return;
    const sizeBytes = await files.sizeOf(segmentPath(folder, segment));
    if (sizeBytes === null) {
      yield [{ place: { segment, byte: start }, problem: `The segment ${segmentName(segment)} is missing.` }];
      return;
    }
    let end = start;
    for await (const page of scanSegment(
      files,
      folder,
      { segment, byte: start },
      sizeBytes,
      isLast ? anchored.bytes : sizeBytes,
    )) {
      end = page.end;
      yield page.found;
      if (page.stopped) return;
    }
    if (isLast && end < anchored.bytes) {
      const missing = `it ends ${anchored.bytes - end} bytes before its anchored head (record ${anchored.records})`;
      yield [{ place: { segment, byte: end }, problem: `The log was truncated: ${missing}.` }];
    }
  }
}

interface Page {
  found: Scanned[];
  /** Where the next record begins. */
  end: number;
  stopped: boolean;
}

/** Reads whole records until one ends at or after `until`; a record that goes on beyond it is still read. */
async function* scanSegment(
  files: LogFiles,
  folder: string,
  { segment, byte }: Place,
  sizeBytes: number,
  until: number,
): AsyncGenerator<Page> {
  if (sizeBytes <= byte) return;
  let rest: Buffer = Buffer.alloc(0);
  let end = byte;
  for await (const chunk of files.read(segmentPath(folder, segment), byte, sizeBytes)) {
    const data = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk;
    const found: Scanned[] = [];
    let at = 0;
    while (end < until) {
      const newline = data.indexOf(NEWLINE, at);
      if (newline === -1) break;
      found.push({ line: data.subarray(at, newline), place: { segment, byte: end } });
      end += newline + 1 - at;
      at = newline + 1;
    }
    const tooLong = data.length - at > MAX_LINE_BYTES && end < until;
    if (tooLong)
      found.push({
        place: { segment, byte: end },
        problem: 'The record is longer than any can be: a newline is missing, or it was inserted.',
      });
    yield { found, end, stopped: tooLong };
    if (tooLong || end >= until) return;
    rest = data.subarray(at);
  }
  if (rest.length === 0) return;
  const problem =
    'The segment ends without a newline, in the middle of this record: it was edited or truncated.';
  yield { found: [{ place: { segment, byte: end }, problem }], end, stopped: true };
}
