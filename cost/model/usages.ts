import type { Usage } from '../bill/usage.ts';
import type { Measured, Units } from '../meter/measured.ts';
import type { Mix } from '../mix/mix.ts';
import type { FunctionName, TemplateReading } from '../template/facts.ts';
import { auditLogUsages } from './audit-log.ts';
import { backupUsages } from './backups.ts';
import { databaseUsages } from './database.ts';
import { edgeUsages } from './edge.ts';
import { figure } from './figure.ts';
import { fleetUsages } from './fleet.ts';
import { functionUsages } from './functions.ts';
import { sum, times, unitsAt } from './ladder.ts';
import { type Load, loadOf } from './load.ts';
import { logUsages } from './logs.ts';
import { networkUsages } from './network.ts';
import { queueUsages } from './queue.ts';
import { KMS_REQUESTS } from './stated.ts';

export interface Modelled {
  readonly reading: TemplateReading;
  readonly measured: Measured;
  readonly mix: Mix;
  /** More than 0. */
  readonly paymentsPerMonth: number;
}

/** Everything that is paid for in the month in which payments have been kept for as long as the mix says. */
export function usagesOf({ reading, measured, mix, paymentsPerMonth }: Modelled): Usage[] {
  const { facts, fixed } = reading;
  const load = loadOf({ facts, measured, mix, paymentsPerMonth });
  const total = totalUnits(load, measured);
  const input = { facts, measured, mix, load, total, paymentsPerMonth };
  return [
    ...edgeUsages(input),
    ...functionUsages(input),
    ...databaseUsages(input),
    ...queueUsages(input),
    ...auditLogUsages(input),
    ...networkUsages(input),
    ...fleetUsages(input),
    ...logUsages(input),
    ...monitoringUsages(input),
    ...backupUsages(input),
    ...fixed,
  ];
}

/** Units of the whole month: of each function, and of what the fleet does with the same code. */
export function totalUnits(load: Load, measured: Measured): Units {
  const names = Object.keys(load.invoked) as FunctionName[];
  const functions = names.map((name) => times(load.invoked[name].units, load.invoked[name].invocations));
  const { messages } = load.fleet ?? { messages: 0 };
  // One at a time, as the process takes them: writes and reads are the same, and it logs the same lines.
  const one = unitsAt(measured.worker, 1);
  return sum([...functions, times(one, messages)]);
}

function monitoringUsages({ measured, total }: { measured: Measured; total: Units }): Usage[] {
  const secrets = total['secretsmanager.GetSecretValue'] ?? 0;
  return [
    {
      component: 'monitoring',
      what: "the application's own metrics",
      price: 'cw.metric',
      quantity: measured.customMetrics,
      basis: 'metered',
      derivation: 'names with their dimensions, as printed',
    },
    {
      component: 'security',
      what: 'requests to the key',
      price: 'kms.req',
      quantity: KMS_REQUESTS,
      basis: 'assumed',
      derivation: 'once in five minutes for each role and table, and logs',
    },
    {
      component: 'security',
      what: 'requests for the secret',
      price: 'secrets.api',
      quantity: secrets,
      basis: 'metered',
      derivation: `${figure(secrets)} in the month`,
    },
  ];
}
