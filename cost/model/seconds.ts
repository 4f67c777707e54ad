import type { Units } from '../meter/measured.ts';
import type { Mix } from '../mix/mix.ts';
import { MEMORY_OF_ONE_CORE_MB } from './stated.ts';

/** A wait for which the mix states no latency would be billed as nothing. */
export class UnstatedWaitError extends Error {
  override readonly name = 'UnstatedWaitError';
}

/**
 * Seconds that Lambda bills for one invocation: processor time, longer by as much as the memory's share of a core is
 * smaller, and all waits. Those for the PSP are its latency, or its time-out where the meter's simulator gave none.
 * @throws UnstatedWaitError
 */
export function billedSeconds(units: Units, memoryMb: number, { latencyMs, psp }: Mix): number {
  const share = Math.min(1, memoryMb / MEMORY_OF_ONE_CORE_MB);
  const timeouts = units['psp.timeouts'] ?? 0;
  const answered = Math.max(0, (units['wait.psp'] ?? 0) - timeouts);
  let ms = (units.cpu_ms ?? 0) / share + answered * psp.latencyMs + timeouts * psp.timeoutMs;
  for (const [name, rounds] of Object.entries(units)) {
    const service = /^wait\.(.+)$/.exec(name)?.[1];
    if (service === undefined || service === 'psp') continue;
    const latency = (latencyMs as Readonly<Record<string, number>>)[service];
    if (latency === undefined) {
      throw new UnstatedWaitError(
        `The meter found waits for ${service}, and the mix states no latency of it.`,
      );
    }
    ms += rounds * latency;
  }
  return ms / 1_000;
}
