import type { Call, Service } from './cloud/call-units.ts';
import type { Round } from './cloud/ledger.ts';
import type { Units } from './measured.ts';

/**
 * How often a function waits, one time after the other, and for what: a round counts for the slowest service in it.
 * The simulated PSP reads and writes its own table for one thing asked of it, so its rounds count once where nothing
 * else is between them.
 * @param latencyMs of one request to each service
 */
export function waitsOf(rounds: readonly Round[], latencyMs: Readonly<Record<Service, number>>): Units {
  const units: Record<string, number> = {};
  let before: Service | null = null;
  for (const round of rounds) {
    const slowest = slowestOf(round, latencyMs);
    if (slowest !== 'psp' || before !== 'psp') {
      const name = `wait.${slowest}`;
      units[name] = (units[name] ?? 0) + 1;
    }
    before = slowest;
  }
  return units;
}

function slowestOf(round: readonly Call[], latencyMs: Readonly<Record<Service, number>>): Service {
  const services = round.map(({ service }) => service);
  return services.reduce((slowest, one) => (latencyMs[one] > latencyMs[slowest] ? one : slowest));
}
