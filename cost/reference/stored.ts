import type { Usage } from '../bill/usage.ts';
import type { Mix } from '../mix/mix.ts';
import { figure } from '../model/figure.ts';
import { DAYS_PER_MONTH, GIB, LOGS_COMPRESSED } from '../model/stated.ts';
import { declared } from './declared.ts';
import { type Kept, texts, WRITE_UNITS_PER_PAYMENT } from './design.ts';

export function writes(payments: number): Usage {
  return declared(
    'database',
    'write units',
    'ddb.wru',
    payments * WRITE_UNITS_PER_PAYMENT,
    `${WRITE_UNITS_PER_PAYMENT} a payment: create 1 + index 1, completing 1 + index delete 1 + index put 1 (measured on DynamoDB Local); no reads`,
  );
}

/** Payments of so many months, as the mix says, with point-in-time recovery; and an audit object for each. */
export function stored(payments: number, mix: Mix, kept: Kept): readonly Usage[] {
  const all = payments * mix.keptMonths;
  const objectBytes = texts(mix).auditObject.length;
  return [
    declared(
      'database',
      'storage of table and index, GB-months',
      'ddb.storage',
      (all * (kept.tableBytes + kept.indexBytes)) / GIB,
      `${figure(mix.keptMonths)} months: ${figure(kept.tableBytes)} bytes an item and ${figure(kept.indexBytes)} an index entry (all attributes), 100 of each DynamoDB's own`,
    ),
    declared(
      'database',
      'point-in-time recovery, GB-months',
      'ddb.pitr',
      (all * kept.tableBytes) / GIB,
      'of the table; its index is not counted',
    ),
    declared('audit log', 'PutObject', 's3.put', payments, 'one object a payment, by its API handler'),
    declared(
      'audit log',
      'transitions to Glacier',
      's3.gfr.put',
      0,
      'its rule moves nothing: since September 2024 objects under 128 KB stay. Where it fires it costs $30 a million, and saves nothing: 40 KB are added to each',
    ),
    declared(
      'audit log',
      'storage of objects, GB-months',
      's3.std',
      (all * objectBytes) / GIB,
      `${objectBytes} bytes an object, ${figure(mix.keptMonths)} months, standard class`,
    ),
  ];
}

/** @param keptDays `null`: for as many months as payments are kept */
export function logStorage(ingested: readonly Usage[], mix: Mix, keptDays: number | null): Usage {
  const gb = ingested
    .filter(({ price }) => price === 'cw.logs.vended')
    .reduce((sum, { quantity }) => sum + quantity, 0);
  const months = keptDays === null ? mix.keptMonths : keptDays / DAYS_PER_MONTH;
  return declared(
    'logs and traces',
    'storage of logs, GB-months',
    'cw.logs.storage',
    gb * LOGS_COMPRESSED * months,
    `${figure(gb)} GB a month, compressed to ${figure(LOGS_COMPRESSED * 100)} %, kept ${keptDays === null ? `for ever: ${mix.keptMonths} months of it stand there` : `${keptDays} days`}`,
  );
}
