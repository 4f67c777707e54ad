import type { Usage } from '../bill/usage.ts';
import type { Measured } from '../meter/measured.ts';
import type { Mix } from '../mix/mix.ts';
import type { DeploymentFacts } from '../template/facts.ts';
import { tableGib } from './database.ts';
import { figure } from './figure.ts';
import { DAYS_PER_MONTH, LEAST_COLD_DAYS } from './stated.ts';

interface Input {
  readonly facts: DeploymentFacts;
  readonly measured: Measured;
  readonly mix: Mix;
  readonly paymentsPerMonth: number;
}

/**
 * Full copies of the table as it was when each was made: it grows by a month's payments each month, until the oldest
 * leave it.
 */
export function backupUsages({ facts, measured, mix, paymentsPerMonth }: Input): Usage[] {
  const { backups } = facts;
  if (!backups) return [];
  const gib = tableGib(measured, mix, paymentsPerMonth);
  const { perMonth, keptDays, coldAfterDays } = backups;
  const warmDays = Math.min(keptDays, coldAfterDays ?? keptDays);
  const coldDays = coldAfterDays === null ? 0 : Math.max(keptDays - coldAfterDays, LEAST_COLD_DAYS);
  const between = (fromDays: number, toDays: number) =>
    gibDays(gib, mix.keptMonths, perMonth, fromDays, toDays);
  const common = { component: 'backups', basis: 'metered' } as const;
  const usages: Usage[] = [
    {
      ...common,
      what: 'copies, warm',
      price: 'ddb.backup.warm',
      quantity: between(0, warmDays),
      derivation: `${figure(perMonth)} a month, each for ${warmDays} days`,
    },
  ];
  if (coldDays > 0) {
    usages.push({
      ...common,
      what: 'copies, cold',
      price: 'ddb.backup.cold',
      quantity: between(warmDays, warmDays + coldDays),
      derivation: `each for ${coldDays} days more`,
    });
  }
  return usages;
}

/** GiB-months in a month, of copies that are from so many to so many days old. */
function gibDays(
  gib: number,
  keptMonths: number,
  perMonth: number,
  fromDays: number,
  toDays: number,
): number {
  let total = 0;
  for (let copy = 0; ; copy += 1) {
    const ageMonths = copy / perMonth;
    const fromMonths = fromDays / DAYS_PER_MONTH;
    const toMonths = toDays / DAYS_PER_MONTH;
    if (ageMonths >= toMonths || ageMonths >= keptMonths) return total;
    const alive = Math.max(0, Math.min(toMonths, ageMonths + 1 / perMonth) - Math.max(fromMonths, ageMonths));
    total += gib * (1 - ageMonths / keptMonths) * alive * perMonth;
  }
}
