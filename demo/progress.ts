import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  show(done: number, text: string): void;
  stop(): void;
}

/** Pause between lines where there is no terminal. */
const LINE_EVERY_MS = 2_000;
const BAR = '  {text} {bar} {percentage}%';
const BAR_WIDTH = 30;

/** A bar on a terminal; elsewhere a line now and then. */
export function startProgress(total: number): Progress {
  return process.stdout.isTTY ? bar(total) : lines(total);
}

function bar(total: number): Progress {
  const format = { format: BAR, barsize: BAR_WIDTH, hideCursor: true, clearOnComplete: true };
  const shown = new SingleBar({ ...format, stream: process.stdout }, Presets.shades_classic);
  shown.start(total, 0, { text: '' });
  return {
    show: (done, text) => shown.update(done, { text }),
    stop: () => shown.stop(),
  };
}

function lines(total: number): Progress {
  let lastAt = performance.now();
  return {
    show(done, text) {
      if (performance.now() - lastAt < LINE_EVERY_MS && done < total) return;
      lastAt = performance.now();
      process.stdout.write(`  ${text}\n`);
    },
    stop() {},
  };
}
