import type { Totals } from './compare-books.ts';
import type { InsideVitals } from './event-loop-probe.ts';
import {
  atMost,
  enough,
  megabytes,
  milliseconds,
  none,
  percent,
  plain,
  type Row,
  told,
  whole,
} from './goals.ts';
import { median } from './histogram.ts';
import type { OutsideVitals } from './process-vitals.ts';
import type { PhaseResult } from './traffic.ts';

/**
 * What may have grown between the second quarter and the last. Memory breathes with garbage and with what the disk
 * holds up; at 1,000 payments a second a leak of 50 bytes a payment is more than that in half an hour.
 */
const GROWTH = 1.1;
const RESIDENT_SLACK_BYTES = 16e6;
const HEAP_SLACK_BYTES = 5e6;
/** The audit log opens a segment before it closes the one before. */
const FILES_SLACK = 1;
const WAL_GROWTH = 1.5;
/** Of what was due in a minute: less, and it is not the load that is told of. Chance alone makes it vary by 1 %. */
const SENT_LEAST = 0.95;
/** Seconds' worth of payments that may wait at any time of the last quarter. */
const BACKLOG_SECONDS = 2;

export interface SoakSample extends OutsideVitals {
  atMs: number;
  backlog: number;
  unfinished: number;
}

export interface SoakResult {
  minutes: number;
  startAtMs: number;
  /** Payments per second. */
  capacity: number;
  /** Of that, what was sent per second. */
  rate: number;
  phases: readonly PhaseResult[];
  samples: readonly SoakSample[];
  inside: readonly InsideVitals[];
  /** Bytes that are left of the heap after a collection. */
  heapAtHalf: number;
  heapAtEnd: number;
  before: OutsideVitals;
  /** When everything was settled. */
  after: OutsideVitals;
  drainedMs: number;
  totals: Totals;
}

export function soakRows({
  minutes,
  startAtMs,
  capacity,
  rate,
  phases,
  samples,
  inside,
  heapAtHalf,
  heapAtEnd,
  before,
  after,
  drainedMs,
  totals,
}: SoakResult): Row[] {
  const halfMs = (minutes * 60_000) / 2;
  const quarter = (number: number) => ({
    startMs: startAtMs + (halfMs / 2) * (number - 1),
    seconds: halfMs / 2_000,
  });
  const [second, last] = [during(quarter(2), samples), during(quarter(4), samples)];
  const [loopSecond, loopLast] = [during(quarter(2), inside), during(quarter(4), inside)];
  const middle = (of: readonly SoakSample[], figure: (sample: SoakSample) => number) =>
    median(of.map(figure));
  const most = (of: readonly SoakSample[], figure: (sample: SoakSample) => number) =>
    Math.max(0, ...of.map(figure));
  const residentSecond = middle(second, ({ residentBytes }) => residentBytes);
  const loop = (of: readonly InsideVitals[]) => milliseconds(median(of.map(({ loopP99Ms }) => loopP99Ms)));
  const p99 = (of: readonly PhaseResult[]) =>
    milliseconds(median(of.map(({ acceptedMs }) => acceptedMs.p99Ms)));
  // Of memory and handles, not of latency: a request that left some ms late was a load all the same.
  const wasSent = ({ sent, seconds }: PhaseResult) => sent >= rate * seconds * SENT_LEAST;
  const total = (figure: (phase: PhaseResult) => number) =>
    phases.reduce((sum, phase) => sum + figure(phase), 0);
  const sentCount = total(({ sent }) => sent);
  const grown = after.folderBytes - before.folderBytes;
  return [
    enough('minutes in which the load was sent', phases.filter(wasSent).length, minutes),
    told('capacity of the whole path', `${whole(capacity)}/s`),
    told('sent, of that', percent(total(({ sent }) => sent) / (minutes * 60) / capacity)),
    none(
      'refused',
      total(({ refused }) => Object.values(refused).reduce((sum, count) => sum + count, 0)),
    ),
    none(
      'not answered',
      total(({ unanswered }) => unanswered),
    ),
    told('p99 of a minute, first half and second half', halves(phases, p99)),
    told(
      'event loop late (p99 of a second), second quarter and last',
      `${loop(loopSecond)}, ${loop(loopLast)}`,
    ),
    told('memory (RSS), second quarter', megabytes(residentSecond)),
    atMost(
      '  last quarter',
      middle(last, ({ residentBytes }) => residentBytes),
      residentSecond * GROWTH + RESIDENT_SLACK_BYTES,
      megabytes,
    ),
    told('heap after a collection, at half time', megabytes(heapAtHalf)),
    atMost('  at the end', heapAtEnd, heapAtHalf * GROWTH + HEAP_SLACK_BYTES, megabytes),
    atMost(
      'open files, second quarter and last',
      middle(last, ({ files }) => files),
      middle(second, ({ files }) => files) + FILES_SLACK,
      whole,
    ),
    atMost(
      'handles of all kinds when the load has gone',
      handles(after),
      handles(before) + FILES_SLACK,
      whole,
    ),
    atMost(
      'write-ahead logs at most, last quarter',
      most(last, ({ walBytes }) => walBytes),
      most(second, ({ walBytes }) => walBytes) * WAL_GROWTH,
      megabytes,
    ),
    told('data folder', megabytes(after.folderBytes)),
    told('  for each payment of the soak', `${whole(grown / sentCount)} bytes`),
    atMost(
      'backlog at most, last quarter',
      most(last, ({ backlog }) => backlog),
      rate * BACKLOG_SECONDS,
      whole,
    ),
    told('everything settled and audited after the end', milliseconds(drainedMs)),
    told(
      'accepted, completed, charged, audit records',
      [totals.accepted, totals.completed, totals.charged, totals.auditRecords].map(whole).join(', '),
    ),
    told(
      'generator late (p99 of the worst minute)',
      milliseconds(Math.max(...phases.map((p) => p.lagMs.p99Ms))),
    ),
    told(
      'growth of disk by the hour at this rate',
      `${plain(((grown / sentCount) * rate * 3_600) / 1e9)} GB`,
    ),
  ];
}

/** What was noted in a stretch of time. */
export function during<T extends { atMs: number }>(
  { startMs, seconds }: { startMs: number; seconds: number },
  noted: readonly T[],
): T[] {
  return noted.filter(({ atMs }) => atMs >= startMs && atMs < startMs + seconds * 1_000);
}

function handles({ files, sockets }: OutsideVitals): number {
  return files + sockets;
}

function halves(phases: readonly PhaseResult[], show: (phases: readonly PhaseResult[]) => string): string {
  const half = Math.ceil(phases.length / 2);
  return `${show(phases.slice(0, half))}, ${show(phases.slice(half))}`;
}
