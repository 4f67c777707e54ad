import type { InsideVitals } from './event-loop-probe.ts';
import { median } from './histogram.ts';
import type { OutsideVitals } from './process-vitals.ts';
import type { SoakSample } from './soak-result.ts';
import type { PhaseResult } from './traffic.ts';

interface Minute {
  phase: PhaseResult;
  samples: readonly SoakSample[];
  inside: readonly InsideVitals[];
  before: OutsideVitals;
}

const most = <T>(of: readonly T[], figure: (one: T) => number) => Math.max(0, ...of.map(figure));
const middle = <T>(of: readonly T[], figure: (one: T) => number) =>
  of.length === 0 ? 0 : median(of.map(figure));
const mega = (bytes: number) => (bytes / 1e6).toFixed(0);

const COLUMNS: readonly (readonly [title: string, show: (minute: Minute) => string])[] = [
  ['min', ({ phase }) => phase.name],
  ['sent/s', ({ phase }) => (phase.sent / phase.seconds).toFixed(0)],
  ['not 201', ({ phase }) => String(phase.sent - phase.accepted)],
  ['p50 ms', ({ phase }) => phase.acceptedMs.p50Ms.toFixed(1)],
  ['p99 ms', ({ phase }) => phase.acceptedMs.p99Ms.toFixed(1)],
  ['done p99', ({ phase }) => phase.waitedMs.p99Ms.toFixed(1)],
  ['lag p99', ({ phase }) => phase.lagMs.p99Ms.toFixed(1)],
  ['RSS MB', ({ samples }) => mega(middle(samples, ({ residentBytes }) => residentBytes))],
  ['heap MB', ({ inside }) => mega(middle(inside, ({ heapUsedBytes }) => heapUsedBytes))],
  ['files', ({ samples }) => String(most(samples, ({ files }) => files))],
  ['sockets', ({ samples }) => String(most(samples, ({ sockets }) => sockets))],
  ['WAL MB', ({ samples }) => mega(most(samples, ({ walBytes }) => walBytes))],
  [
    'grown MB',
    ({ samples, before }) => mega(most(samples, ({ folderBytes }) => folderBytes - before.folderBytes)),
  ],
  ['loop p99', ({ inside }) => middle(inside, ({ loopP99Ms }) => loopP99Ms).toFixed(1)],
  ['loop max', ({ inside }) => most(inside, ({ loopMaxMs }) => loopMaxMs).toFixed(0)],
  ['backlog', ({ samples }) => String(most(samples, ({ backlog }) => backlog))],
];

export function minuteHeader(): string {
  return COLUMNS.map(([title]) => title).join('  ');
}

/** One minute in one line, each figure under its title. */
export function minuteLine(
  phase: PhaseResult,
  samples: readonly SoakSample[],
  inside: readonly InsideVitals[],
  before: OutsideVitals,
): string {
  const minute = { phase, samples, inside, before };
  return COLUMNS.map(([title, show]) => show(minute).padStart(title.length)).join('  ');
}
