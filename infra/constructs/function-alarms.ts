import { Duration } from 'aws-cdk-lib';
import { ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { FunctionName } from '../bundles.ts';
import { type AlarmDefinition, FEW } from './alarm-definition.ts';
import { failureRate, functionMetric, ONE_MINUTE, sumOf } from './metrics.ts';
import { SHAPES } from './payment-functions.ts';

const HOUR = Duration.hours(1);
const MINUTE_MS = 60_000;

/** The authorizer is there only where the edge is API Gateway. */
export type Functions = Readonly<
  Record<Exclude<FunctionName, 'authorizer'>, IFunction> & Partial<Record<'authorizer', IFunction>>
>;

/** Authorizer and rotation have alarms of their own. */
const BY_RATE = ['api', 'worker', 'relay', 'audit', 'sweep'] as const;

export function functionAlarms(
  functions: Functions,
  apiConcurrency: number | null,
  relayWindowSeconds: number,
): AlarmDefinition[] {
  const rate = (fn: IFunction, floor: number) =>
    failureRate(
      functionMetric(fn, 'Errors', 'Sum'),
      functionMetric(fn, 'Invocations', 'Sum'),
      floor,
      'Errors (%)',
    );
  const { api, authorizer, relay, audit, sweep, rotation } = functions;
  return [
    ...BY_RATE.map(
      (name): AlarmDefinition => ({
        name: `lambda-errors-${SHAPES[name].name}`,
        page: 'lambda-errors',
        says: `More than 5 % of the invocations of ${SHAPES[name].name} fail. What is left undone is tried again.`,
        // The sweep runs once in a period: three periods in a row then stand for the floor.
        metric: rate(functions[name], name === 'sweep' ? 1 : FEW),
        threshold: 5,
        periods: name === 'sweep' ? 3 : 1,
        rollsBack: true,
      }),
    ),
    ...(authorizer === undefined
      ? []
      : [
          {
            name: 'authorizer-errors',
            says: 'More than 1 % of the look-ups of API keys fail; those merchants get 5xx for every request.',
            metric: rate(authorizer, FEW),
            threshold: 1,
            rollsBack: true,
          },
        ]),
    {
      name: 'rotation-failures',
      says: 'The secret that signs cursors was not rotated. The old one stays valid; nobody is refused.',
      metric: functionMetric(rotation, 'Errors', 'Sum', HOUR),
      threshold: 0,
      to: 'security',
      event: true,
    },
    {
      name: 'sweep-silent',
      says: 'The sweep has not run for 15 minutes. What the feed or the queue loses is not healed, nothing expires.',
      metric: functionMetric(sweep, 'Invocations', 'Sum'),
      threshold: 1,
      comparison: ComparisonOperator.LESS_THAN_THRESHOLD,
      periods: 3,
      missingIsBad: true,
    },
    {
      name: 'lambda-throttles',
      says: 'Requests of merchants are refused because no more functions may run at once.',
      // Only what merchants see: a throttled relay or audit shows in its iterator's age, a worker in the queue's.
      metric: sumOf(
        [api, ...(authorizer ? [authorizer] : [])].map((fn) => functionMetric(fn, 'Throttles', 'Sum')),
        'Throttled invocations',
      ),
      threshold: 10,
    },
    ...(apiConcurrency === null
      ? []
      : [
          {
            name: 'lambda-concurrency',
            says: `The API runs at 80 % of the ${apiConcurrency} executions reserved for it; at 100 % it refuses.`,
            metric: functionMetric(api, 'ConcurrentExecutions', 'Maximum', ONE_MINUTE),
            threshold: 0.8 * apiConcurrency,
            periods: 3,
          },
        ]),
    {
      name: 'relay-iterator-age',
      says: 'Changes wait for a minute longer than they are collected for: accepted payments are not worked on.',
      metric: functionMetric(relay, 'IteratorAge', 'Maximum', ONE_MINUTE),
      // Its batches are collected for up to `relayWindowSeconds`, and a change that comes alone is so old by then.
      threshold: MINUTE_MS + relayWindowSeconds * 1_000,
      periods: 5,
    },
    {
      name: 'audit-iterator-age',
      says: 'Changes wait for more than 15 minutes before the audit reads them; the stream keeps them for 24 hours.',
      // Its batches are collected for up to 5 minutes, so a smaller age is normal.
      metric: functionMetric(audit, 'IteratorAge', 'Maximum'),
      threshold: 15 * MINUTE_MS,
      periods: 2,
    },
  ];
}
