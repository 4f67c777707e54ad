import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

/** The metrics that alarms, dashboards and scaling look at, so that all three mean the same one. */

export const ONE_MINUTE = Duration.minutes(1);
export const FIVE_MINUTES = Duration.minutes(5);

type Statistic = 'Sum' | 'Average' | 'Maximum' | 'Minimum' | 'p50' | 'p99';

/** Of a Lambda function, all its versions together: a canary's errors are in there too. */
export function functionMetric(
  fn: IFunction,
  metricName: string,
  statistic: Statistic,
  period = FIVE_MINUTES,
): Metric {
  return fn.metric(metricName, { statistic, period });
}

export function queueMetric(
  queue: IQueue,
  metricName: string,
  statistic: Statistic,
  period = FIVE_MINUTES,
): Metric {
  return queue.metric(metricName, { statistic, period });
}

/** What the API's requests are counted by, whichever edge they come by. */
export interface ApiMetrics {
  /** Who counts, for the title of a graph. */
  readonly countedBy: string;
  readonly requests: Metric;
  readonly clientErrors: Metric;
  readonly serverErrors: Metric;
  /** In milliseconds. */
  latency(statistic: 'p50' | 'p99'): Metric;
}

/** A stage of a REST API. By name, since an API that is split by method would be one metric and one price for each. */
export interface ApiStage {
  readonly apiName: string;
  readonly stageName: string;
}

export function stageMetrics({ apiName, stageName }: ApiStage): ApiMetrics {
  const metric = (metricName: string, statistic: Statistic) =>
    new Metric({
      namespace: 'AWS/ApiGateway',
      metricName,
      statistic,
      period: FIVE_MINUTES,
      dimensionsMap: { ApiName: apiName, Stage: stageName },
    });
  return {
    countedBy: 'API Gateway',
    requests: metric('Count', 'Sum'),
    clientErrors: metric('4XXError', 'Sum'),
    serverErrors: metric('5XXError', 'Sum'),
    latency: (statistic) => metric('Latency', statistic),
  };
}

/**
 * The URL of a function. Not CloudFront before it: alarms on its distribution would wait for the alias that they roll
 * back. Of the URL's own latency there are no percentiles; that of the function is all but the same.
 */
export function urlMetrics(fn: IFunction): ApiMetrics {
  return {
    countedBy: 'Function URL',
    requests: functionMetric(fn, 'UrlRequestCount', 'Sum'),
    clientErrors: functionMetric(fn, 'Url4xxCount', 'Sum'),
    serverErrors: functionMetric(fn, 'Url5xxCount', 'Sum'),
    latency: (statistic) => functionMetric(fn, 'Duration', statistic),
  };
}

/** Of CloudFront, which has no region: its metrics are in us-east-1. */
export function distributionMetric(
  distributionId: string,
  metricName: 'Requests' | 'BytesDownloaded' | '4xxErrorRate' | '5xxErrorRate',
  statistic: Statistic,
): Metric {
  return new Metric({
    namespace: 'AWS/CloudFront',
    metricName,
    statistic,
    period: FIVE_MINUTES,
    dimensionsMap: { DistributionId: distributionId, Region: 'Global' },
  });
}

export function tableMetric(
  tableName: string,
  metricName: string,
  statistic: Statistic,
  { indexName, period = FIVE_MINUTES }: { indexName?: string; period?: Duration } = {},
): Metric {
  return new Metric({
    namespace: 'AWS/DynamoDB',
    metricName,
    statistic,
    period,
    dimensionsMap: { TableName: tableName, ...(indexName ? { GlobalSecondaryIndexName: indexName } : {}) },
  });
}

/** Bytes that a log group took in. */
export function logMetric(logGroupName: string): Metric {
  return new Metric({
    namespace: 'AWS/Logs',
    metricName: 'IncomingBytes',
    statistic: 'Sum',
    period: FIVE_MINUTES,
    dimensionsMap: { LogGroupName: logGroupName },
  });
}

/** What the application counts itself, by the embedded metric format. */
export function tollgateMetric(
  deployment: string,
  metricName: string,
  statistic: Statistic,
  dimensions: Record<string, string> = {},
): Metric {
  return new Metric({
    namespace: 'Tollgate',
    metricName,
    statistic,
    period: FIVE_MINUTES,
    dimensionsMap: { Deployment: deployment, ...dimensions },
  });
}

/** Of an Auto Scaling group: `AWS/AutoScaling` counts instances, `AWS/EC2` and the agent's `CWAgent` measure them. */
export function groupMetric(
  groupName: string,
  namespace: 'AWS/AutoScaling' | 'AWS/EC2' | 'CWAgent',
  metricName: string,
  statistic: Statistic,
  period = FIVE_MINUTES,
): Metric {
  return new Metric({
    namespace,
    metricName,
    statistic,
    period,
    dimensionsMap: { AutoScalingGroupName: groupName },
  });
}

/**
 * @param aclMetricName the metric name in the ACL's visibility configuration, which is not its own name
 * @param region undefined for an ACL of CloudFront, whose metrics have no such dimension
 */
export function firewallMetric(
  aclMetricName: string,
  region: string | undefined,
  metricName: 'BlockedRequests' | 'AllowedRequests' | 'CountedRequests',
  rule = 'ALL',
): Metric {
  return new Metric({
    namespace: 'AWS/WAFV2',
    metricName,
    statistic: 'Sum',
    period: FIVE_MINUTES,
    dimensionsMap: { WebACL: aclMetricName, ...(region && { Region: region }), Rule: rule },
  });
}

/**
 * Percentage of `total` that are `failed`; 0 below the floor. The floor is on the failures and not on the total, so
 * that one of one does not wake anybody, and three of three do, however little traffic there is.
 */
export function failureRate(failed: Metric, total: Metric, floor: number, label: string): MathExpression {
  return new MathExpression({
    expression: `IF(failed >= ${floor}, 100 * failed / total, 0)`,
    usingMetrics: { failed, total },
    label,
    period: failed.period,
  });
}

/** Sum of metrics that have data only while they are not 0, as throttles do: without FILL one gap hides the rest. */
export function sumOf(metrics: readonly Metric[], label: string): MathExpression {
  const usingMetrics: Record<string, IMetric> = {};
  metrics.forEach((metric, i) => {
    usingMetrics[`m${i}`] = metric;
  });
  return new MathExpression({
    expression: metrics.map((_, i) => `FILL(m${i}, 0)`).join(' + '),
    usingMetrics,
    label,
    period: metrics[0]?.period ?? FIVE_MINUTES,
  });
}
