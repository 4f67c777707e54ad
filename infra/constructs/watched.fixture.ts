import type { Stack } from 'aws-cdk-lib';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { FUNCTION_NAMES } from '../bundles.ts';
import { testNames } from '../stack.fixture.ts';
import type { Functions } from './function-alarms.ts';
import { stageMetrics } from './metrics.ts';

/** What alarms and dashboards look at, by name only, so that a test's template holds nothing but them. */
export function watched(stack: Stack) {
  const names = testNames();
  const arn = (service: string, name: string) =>
    `arn:aws:${service}:us-east-1:111122223333:${names.of(name)}`;
  const functions = Object.fromEntries(
    FUNCTION_NAMES.map((name) => [
      name,
      LambdaFunction.fromFunctionName(stack, name, names.of(`fn-${name}`)),
    ]),
  ) as Functions;
  return {
    names,
    deployment: 'dev123',
    functions,
    api: stageMetrics({ apiName: names.of('payment-api'), stageName: 'prod' }),
    payments: Table.fromTableName(stack, 'Payments', names.of('payments')),
    control: Table.fromTableName(stack, 'Control', names.of('payment-control')),
    indexName: 'status-index',
    queue: Queue.fromQueueArn(stack, 'Queue', arn('sqs', 'payment-queue')),
    deadLetters: Queue.fromQueueArn(stack, 'DeadLetters', arn('sqs', 'payment-dlq')),
    aclMetricName: names.of('payment-waf'),
    aclRegion: 'us-east-1',
    relayWindowSeconds: 1,
    ops: Topic.fromTopicArn(stack, 'Ops', arn('sns', 'ops-alerts')),
    security: Topic.fromTopicArn(stack, 'Security', arn('sns', 'security-alerts')),
    failedInvocations: Queue.fromQueueArn(stack, 'Failed', arn('sqs', 'payment-failed-invocations')),
    undeliveredAlerts: ['payment-events-dlq', 'payment-alerts-dlq'].map((name) =>
      Queue.fromQueueArn(stack, name, arn('sqs', name)),
    ),
  };
}
