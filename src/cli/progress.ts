import { MultiBar } from 'cli-progress';
import type { Clock } from '../ports/clock.ts';
import type { Io } from './io.ts';

export interface Progress {
  /** @param doneBytes how far the input has been read */
  update(doneBytes: number, counts: { rows: number; refused: number }): void;
  /** A line for standard error, above the bar. */
  say(line: string): void;
  stop(): void;
}

/** A bar on standard error where that is a terminal; nothing where it is not. */
export function startProgress(io: Io, clock: Clock, totalBytes: number | undefined): Progress {
  if (!io.stderr.isTTY) {
    return { update: () => undefined, say: (line) => io.stderr.write(`${line}\n`), stop: () => undefined };
  }
  const counts = '{rows} rows | {rate}/s | {refused} refused';
  const bars = new MultiBar({
    stream: io.stderr,
    format: totalBytes === undefined ? counts : `{bar} {percentage}% | ${counts}`,
    barsize: 30,
    // Ctrl-C ends the import, as it ends any command; so nothing of the terminal may be changed that it would leave so.
    gracefulExit: false,
    hideCursor: null,
    linewrap: null,
  });
  const startedMs = clock.now();
  const bar = bars.create(totalBytes ?? 0, 0, { rows: 0, rate: 0, refused: 0 });
  return {
    update(doneBytes, { rows, refused }) {
      const seconds = Math.max(0.001, (clock.now() - startedMs) / 1_000);
      bar.update(Math.min(doneBytes, totalBytes ?? 0), { rows, rate: Math.round(rows / seconds), refused });
    },
    say(line) {
      if (bars.isActive) bars.log(`${line}\n`);
      else io.stderr.write(`${line}\n`);
    },
    stop() {
      if (!bars.isActive) return;
      // What was said since the last time is drawn by an update alone.
      bars.update();
      bars.stop();
    },
  };
}
