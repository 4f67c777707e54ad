import type { Mix } from '../mix/mix.ts';
import { percent } from './amounts.ts';

/** The mix in a few lines: what the figures hold for. */
export function mixLines({
  lives,
  refundedShare,
  readsPerPayment,
  psp,
  latencyMs,
  keptMonths,
  ...mix
}: Mix): string[] {
  const shares = Object.entries(lives).map(([life, share]) => `${percent(share)} ${life}`);
  const latencies = Object.entries(latencyMs).map(([service, ms]) => `${service} ${ms} ms`);
  return [
    `payments: ${shares.join(', ')}; ${percent(refundedShare)} refunded; ${readsPerPayment} reads for each`,
    `kept: ${keptMonths} months; ${mix.activeKeys} API keys in use; the firewall blocks ${percent(mix.blockedShare)}`,
    `answers come after: PSP ${psp.latencyMs} ms, ${latencies.join(', ')}`,
  ];
}
