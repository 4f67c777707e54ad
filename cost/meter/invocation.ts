import type { Mix } from '../mix/mix.ts';
import { calibrate, median, REFERENCE_MS } from './calibration.ts';
import { capturingOutput } from './captured-output.ts';
import type { MeteredCloud } from './cloud/metered-cloud.ts';
import { metricsIn } from './custom-metrics.ts';
import type { Units } from './measured.ts';
import { waitsOf } from './waits.ts';

/** Invokes a function, and says what that took. One invocation at a time. */
export interface Meter {
  invoke<T>(work: () => Promise<T>): Promise<{ answer: T; units: Units }>;
}

interface CountingDeps {
  cloud: MeteredCloud;
  mix: Pick<Mix, 'latencyMs' | 'psp'>;
  /** Gathers the custom metrics that were printed. */
  metrics: Set<string>;
}

/** Counts everything but processor time: between a function's calls it is held up, and costs more than it would. */
export function createCountingMeter({ cloud, mix, metrics }: CountingDeps): Meter {
  const latencyMs = { ...mix.latencyMs, psp: mix.psp.latencyMs };
  return {
    async invoke(work) {
      const { answer: captured, rounds, silences } = await cloud.count(() => capturingOutput(work));
      const units: Record<string, number> = { ...waitsOf(rounds, latencyMs) };
      const add = (name: string, count: number) => {
        if (count > 0) units[name] = (units[name] ?? 0) + count;
      };
      for (const call of rounds.flat())
        for (const [name, count] of Object.entries(call.units)) add(name, count);
      add('psp.timeouts', silences);
      add('logs.lines', captured.lines.length);
      add('logs.bytes', captured.bytes);
      for (const metric of captured.lines.flatMap(metricsIn)) metrics.add(metric);
      return { answer: captured.answer, units };
    },
  };
}

/** Calibrations behind a figure, and invocations between two of them. */
const CALIBRATIONS = 3;
const INVOCATIONS_BETWEEN = 10;

/** Measures processor time, of the whole process with its compiler and collector, as on the reference machine. */
export function createProcessorMeter(): Meter & { calibrations: readonly number[] } {
  const calibrations: number[] = [];
  let untilNext = 0;

  function factor(): number {
    if (untilNext === 0) {
      while (calibrations.length < CALIBRATIONS) calibrations.push(calibrate());
      calibrations.push(calibrate());
      untilNext = INVOCATIONS_BETWEEN;
    }
    untilNext -= 1;
    return REFERENCE_MS / median(calibrations.slice(-CALIBRATIONS));
  }

  return {
    calibrations,
    async invoke(work) {
      const scale = factor();
      const before = process.cpuUsage();
      const { answer } = await capturingOutput(work);
      const { user, system } = process.cpuUsage(before);
      return { answer, units: { cpu_ms: ((user + system) / 1_000) * scale } };
    },
  };
}

/** For what only has to happen. */
export const unmetered: Meter = {
  async invoke(work) {
    const { answer } = await capturingOutput(work);
    return { answer, units: {} };
  },
};
