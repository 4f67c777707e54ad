import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { AlarmDefinition } from './alarm-definition.ts';
import { ONE_MINUTE, queueMetric, sumOf, tableMetric, tollgateMetric } from './metrics.ts';

const DAY_SECONDS = 24 * 60 * 60;

export interface WriteCaps {
  /** Write units per second that the table takes at most. */
  readonly table: number;
  /** And its index. */
  readonly index: number;
}

export function tableAlarms(
  payments: ITable,
  control: ITable,
  indexName: string,
  caps: WriteCaps,
): AlarmDefinition[] {
  const throttled = ['ReadThrottleEvents', 'WriteThrottleEvents'];
  const nearCap = (part: keyof WriteCaps, name?: string): AlarmDefinition => ({
    name: `dynamodb-writes-near-cap-${part}`,
    page: 'dynamodb-writes-near-cap',
    says: `Writes to the ${part} are at 80 % of its cap of ${caps[part]} units a second; above it they fail.`,
    metric: tableMetric(payments.tableName, 'ConsumedWriteCapacityUnits', 'Sum', {
      indexName: name,
      period: ONE_MINUTE,
    }),
    threshold: 0.8 * caps[part] * 60,
    periods: 3,
  });
  return [
    {
      name: 'dynamodb-throttle',
      says: 'DynamoDB refuses reads or writes of payments, their index or the audit’s head. Requests are tried again.',
      // Not UserErrors: those count bad requests, and no throttle.
      metric: sumOf(
        throttled.flatMap((name) => [
          tableMetric(payments.tableName, name, 'Sum'),
          tableMetric(payments.tableName, name, 'Sum', { indexName }),
          tableMetric(control.tableName, name, 'Sum'),
        ]),
        'Throttled requests',
      ),
      threshold: 10,
      periods: 2,
    },
    nearCap('table'),
    nearCap('index', indexName),
  ];
}

export interface Queues {
  readonly queue: IQueue;
  readonly deadLetters: IQueue;
  /** Runs of the sweep and the rotation that failed for good. */
  readonly failedInvocations: IQueue;
}

export function queueAlarms(
  { queue, deadLetters, failedInvocations }: Queues,
  maxBacklog: number,
): AlarmDefinition[] {
  const waiting = (of: IQueue) => queueMetric(of, 'ApproximateNumberOfMessagesVisible', 'Maximum');
  const oldest = (of: IQueue) => queueMetric(of, 'ApproximateAgeOfOldestMessage', 'Maximum');
  return [
    {
      name: 'queue-depth',
      says: `A tenth of the ${maxBacklog} operations wait at which new payments are refused as overloaded.`,
      metric: waiting(queue),
      threshold: maxBacklog / 10,
      periods: 2,
    },
    {
      name: 'queue-age',
      says: 'An operation has waited for more than 10 minutes: longer than one failed attempt takes.',
      metric: oldest(queue),
      threshold: 600,
      periods: 2,
    },
    {
      name: 'dlq-depth',
      says: 'The queue has put work aside that failed five times: the sweep or a person must see to it.',
      metric: waiting(deadLetters),
      threshold: 0,
    },
    {
      name: 'dlq-age',
      says: 'Work has lain aside for a week; after 14 days the queue deletes it.',
      metric: oldest(deadLetters),
      threshold: 7 * DAY_SECONDS,
    },
    {
      name: 'failed-invocations',
      says: 'A run of the sweep or of the rotation failed each time it was tried, and was put aside.',
      metric: waiting(failedInvocations),
      threshold: 0,
    },
  ];
}

export function paymentAlarms(deployment: string): AlarmDefinition[] {
  const figure = (name: string, statistic: 'Sum' | 'Maximum') => tollgateMetric(deployment, name, statistic);
  return [
    {
      name: 'audit-lag',
      says: 'Changes of more than 15 minutes ago are not in the audit log yet.',
      metric: figure('AuditLagSeconds', 'Maximum'),
      threshold: 15 * 60,
      periods: 2,
    },
    {
      name: 'dead-letters',
      says: 'Operations wait for a person to settle them: tollgate dead-letters list, then payments resolve.',
      metric: figure('DeadLetters', 'Maximum'),
      threshold: 0,
    },
    {
      name: 'late-success',
      says: 'A PSP took money after it had confirmed a cancel. It was reversed once; check that it was.',
      metric: figure('LateSuccess', 'Sum'),
      threshold: 0,
      event: true,
    },
    {
      name: 'failed-events',
      says: 'Changes of the stream were put aside; the sweep reads them back into the audit log.',
      metric: figure('FailedEvents', 'Maximum'),
      threshold: 0,
      event: true,
    },
  ];
}
