import { type Column, table } from '../../src/cli/table.ts';
import type { Difference } from './compare.ts';
import type { Metered } from './measure.ts';
import { REQUEST_KINDS, type Units } from './measured.ts';

interface Row {
  name: string;
  units: Units;
}

/** At most three digits behind the point, and none that say nothing. */
function figure(value: number): string {
  return value === 0 ? '' : String(Number(value.toFixed(3)));
}

function sumOf(units: Units, names: RegExp): number {
  return Object.entries(units).reduce((sum, [name, value]) => (names.test(name) ? sum + value : sum), 0);
}

function column(title: string, names: RegExp): Column<Row> {
  return { title, right: true, of: ({ units }) => figure(sumOf(units, names)) };
}

const COLUMNS: readonly Column<Row>[] = [
  { title: 'ONE INVOCATION', of: ({ name }) => name },
  column('CPU MS', /^cpu_ms$/),
  column('WAITS', /^wait\./),
  column('WRITE UNITS', /^dynamodb\.write\./),
  column('READ UNITS', /^dynamodb\.read\./),
  column('SQS', /^sqs\./),
  column('S3', /^s3\.(?!put_bytes)/),
  column('SECRETS', /^secretsmanager\./),
  column('LOG BYTES', /^logs\.bytes$/),
  column('STORED IN S3', /^s3\.put_bytes$/),
  column('ANSWER BYTES', /^response\.bytes$/),
];

/** What each function takes, for somebody who has waited for it. */
export function meteredTable(measured: Metered): string {
  const { requests, relay, worker, audit, sweep, authorizer } = measured;
  const rows: Row[] = [
    ...REQUEST_KINDS.map((kind) => ({ name: `api: ${kind}`, units: requests[kind] })),
    { name: 'authorizer', units: authorizer },
    ...Object.entries({ relay, worker, audit }).flatMap(([name, steps]) =>
      steps.map(({ size, units }) => ({ name: `${name}: ${size} at a time`, units })),
    ),
    ...sweep.map(({ size, units }) => ({ name: `sweep: ${size} open`, units })),
  ];
  const { perPayment, stored, customMetrics, payments } = measured;
  return [
    table(rows, COLUMNS),
    '',
    `For each payment: ${perPayment.relay} records to the relay, ${perPayment.audit} to the audit, ` +
      `${perPayment.worker} messages to the worker.`,
    `Stored: ${stored.itemBytes} bytes in the table, ${stored.indexBytes} in its index. Custom metrics: ${customMetrics}. ` +
      `Payments: ${payments}.`,
  ].join('\n');
}

export function differenceTable(found: readonly Difference[]): string {
  const shown = (value: Difference['before']) => (value === null ? 'none' : String(value));
  return table(found, [
    { title: 'WHAT', of: (one) => one.figure },
    { title: 'BEFORE', right: true, of: ({ before }) => shown(before) },
    { title: 'AFTER', right: true, of: ({ after }) => shown(after) },
  ]);
}
