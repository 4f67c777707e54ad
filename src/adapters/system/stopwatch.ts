import type { Metrics } from '../../ports/metrics.ts';

/** Metrics of a process that another system measures from outside: only the stopwatch runs. */
export function createStopwatch(onLateSuccess: () => void): Metrics {
  return {
    stopwatch() {
      const startMs = performance.now();
      return () => (performance.now() - startMs) / 1_000;
    },
    request: () => undefined,
    payment: () => undefined,
    lateSuccess: onLateSuccess,
    render: async () => '',
  };
}
