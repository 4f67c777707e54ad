import { Alarm, ComparisonOperator } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { type AlarmDefinition, missingData } from './alarm-definition.ts';
import { apiAlarms } from './api-alarms.ts';
import { paymentAlarms, queueAlarms, tableAlarms, type WriteCaps } from './data-alarms.ts';
import { edgeAlarms } from './edge-alarms.ts';
import { fleetAlarms } from './fleet-alarms.ts';
import { type Functions, functionAlarms } from './function-alarms.ts';
import type { ApiMetrics } from './metrics.ts';
import { runbookLink } from './runbook-link.ts';
import { securityAlarms } from './security-alarms.ts';

export interface AlarmsProps {
  readonly names: Names;
  /** The suffix: the dimension of the application's own metrics. */
  readonly deployment: string;
  readonly ops: ITopic;
  readonly security: ITopic;
  readonly functions: Functions;
  /**
   * Executions reserved for the API function.
   * @default - none are reserved, and there is no alarm on them
   */
  readonly apiConcurrency?: number;
  readonly api: ApiMetrics;
  /**
   * Id of the CloudFront distribution before the API.
   * @default - it has another edge
   */
  readonly distributionId?: string;
  readonly payments: ITable;
  readonly control: ITable;
  readonly indexName: string;
  /** What the table may write at most, so that a runaway is noticed before it is refused. */
  readonly writeCaps: WriteCaps;
  readonly queue: IQueue;
  readonly deadLetters: IQueue;
  /** Where Lambda puts asynchronous invocations that failed for good. */
  readonly failedInvocations: IQueue;
  /** The setting MAX_BACKLOG: operations waiting at which new payments are refused. */
  readonly maxBacklog: number;
  /** Seconds for which the relay's changes are collected: so old they may be when it reads them. */
  readonly relayWindowSeconds: number;
  /**
   * Name of the fleet's Auto Scaling group.
   * @default - no fleet takes work, and there is no alarm on it
   */
  readonly fleetName?: string;
  /**
   * Instances that the fleet always has.
   * @default 0
   */
  readonly fleetLeast?: number;
  /** Metric name of the web ACL, as in its visibility configuration. */
  readonly aclMetricName: string;
  /**
   * Where the web ACL is.
   * @default - it is CloudFront's, which is nowhere
   */
  readonly aclRegion?: string;
  /** Dead-letter queues of the event rules and of the topics' subscriptions. */
  readonly undeliveredAlerts: readonly IQueue[];
  /** @default - the pages of this repository on GitHub */
  readonly runbookUrl?: string;
}

/** What wakes somebody. Each alarm says what it means for payments and links to its page in docs/runbooks. */
export class Alarms extends Construct {
  readonly all: readonly Alarm[];
  /** A deployment during which one of these goes off is rolled back: errors that new code can make. */
  readonly forRollback: readonly Alarm[];

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    const { payments, control, indexName, writeCaps, fleetName, distributionId } = props;
    const definitions = [
      ...functionAlarms(props.functions, props.apiConcurrency ?? null, props.relayWindowSeconds),
      ...apiAlarms(props.api),
      ...(distributionId === undefined ? [] : edgeAlarms(distributionId)),
      ...tableAlarms(payments, control, indexName, writeCaps),
      ...queueAlarms(props, props.maxBacklog),
      ...paymentAlarms(props.deployment),
      ...(fleetName === undefined ? [] : fleetAlarms(fleetName, props.fleetLeast ?? 0)),
      ...securityAlarms(props.aclMetricName, props.aclRegion, props.undeliveredAlerts),
    ];
    const made = definitions.map((definition) => ({ definition, alarm: this.alarm(definition, props) }));
    this.all = made.map(({ alarm }) => alarm);
    this.forRollback = made.filter(({ definition }) => definition.rollsBack).map(({ alarm }) => alarm);
  }

  private alarm(definition: AlarmDefinition, { names, ops, security, runbookUrl }: AlarmsProps): Alarm {
    const { name, page, says, metric, threshold, comparison, periods, to, event } = definition;
    const alarm = new Alarm(this, name, {
      alarmName: names.of(name),
      alarmDescription: `${says} Runbook: ${runbookLink(page ?? name, runbookUrl)}`,
      metric,
      threshold,
      comparisonOperator: comparison ?? ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: periods ?? 1,
      treatMissingData: missingData(definition),
      // A percentile of a handful of requests is one request.
      ...(name.endsWith('p99') ? { evaluateLowSampleCountPercentile: 'ignore' } : {}),
    });
    const action = new SnsAction(to === 'security' ? security : ops);
    alarm.addAlarmAction(action);
    if (!event) alarm.addOkAction(action);
    return alarm;
  }
}
