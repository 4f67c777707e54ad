import { join } from 'node:path';
import type { AnchoredHead } from '../../ports/audit-log.ts';
import type { LogFiles } from './log-files.ts';

/** Where a record begins. */
export interface Place {
  /** From 1. */
  segment: number;
  byte: number;
}

export interface Tail {
  /** Of all that stands beyond the anchored head. */
  bytes: number;
  /** Numbers of the segments after the anchored one. */
  laterSegments: number[];
}

const SEGMENT_NAME = /^audit-(\d{6,})\.ndjson$/;

/** Six digits sort by name up to 64 TB of log. */
export function segmentName(segment: number): string {
  return `audit-${String(segment).padStart(6, '0')}.ndjson`;
}

export function segmentPath(folder: string, segment: number): string {
  return join(folder, segmentName(segment));
}

/** What stands beyond the anchored head; null if nothing does. */
export async function findTail(
  files: LogFiles,
  folder: string,
  anchored: AnchoredHead,
): Promise<Tail | null> {
  const laterSegments: number[] = [];
  for (const name of await files.names(folder)) {
    const segment = Number(SEGMENT_NAME.exec(name)?.[1] ?? 0);
    if (segment > anchored.segment) laterSegments.push(segment);
  }
  const sizeBytes = (await files.sizeOf(segmentPath(folder, anchored.segment))) ?? 0;
  let bytes = Math.max(0, sizeBytes - anchored.bytes);
  for (const segment of laterSegments) bytes += (await files.sizeOf(segmentPath(folder, segment))) ?? 0;
  return bytes > 0 || laterSegments.length > 0 ? { bytes, laterSegments } : null;
}
