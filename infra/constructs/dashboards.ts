import { Stack } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IAlarm,
  type IWidget,
  MathExpression,
  Metric,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { Functions } from './function-alarms.ts';
import {
  apiMetric,
  FIVE_MINUTES,
  firewallMetric,
  functionMetric,
  groupMetric,
  queueMetric,
  sumOf,
  tableMetric,
  tollgateMetric,
} from './metrics.ts';

/** As the application counts payments, by the status that they reached. */
const STATUSES = ['completed', 'authorized', 'processing', 'requires_action', 'failed', 'canceled'];

/** Half of a dashboard's 24 columns: two questions side by side can be read on a laptop. */
const WIDTH = 12;

export interface DashboardsProps {
  readonly names: Names;
  /** The suffix: the dimension of the application's own metrics. */
  readonly deployment: string;
  readonly alarms: readonly IAlarm[];
  readonly functions: Functions;
  readonly apiName: string;
  readonly stageName: string;
  readonly payments: ITable;
  readonly indexName: string;
  readonly queue: IQueue;
  readonly deadLetters: IQueue;
  /**
   * Name of the fleet's Auto Scaling group.
   * @default - no fleet takes work
   */
  readonly fleetName?: string;
  /** Metric name of the web ACL, as in its visibility configuration. */
  readonly aclMetricName: string;
  /** Names of its rules' metrics: the dimension `Rule`. */
  readonly aclRules: readonly string[];
  readonly topics: readonly ITopic[];
}

/** Three dashboards, which an account has for nothing; each graph is titled with the question that it answers. */
export class Dashboards extends Construct {
  constructor(scope: Construct, id: string, props: DashboardsProps) {
    super(scope, id);
    const { region } = Stack.of(this);
    this.dashboard('payment-costs', props, costs(props));
    this.dashboard('payment-security', props, security(props, region));
    this.dashboard('payment-ops', props, operations(props));
  }

  private dashboard(name: string, { names }: DashboardsProps, widgets: IWidget[]): void {
    const made = new Dashboard(this, name, { dashboardName: names.accountWide(name) });
    for (let i = 0; i < widgets.length; i += 2) made.addWidgets(...widgets.slice(i, i + 2));
  }
}

type Graph = Omit<GraphWidgetProps, 'title' | 'width'>;

function ask(title: string, graph: Graph): GraphWidget {
  return new GraphWidget({ title, width: WIDTH, ...graph });
}

/** The same metric of every function. */
function ofEach(functions: Functions, metricName: string, statistic: 'Sum' | 'Maximum' | 'p99'): Metric[] {
  return Object.entries(functions).map(([label, fn]) =>
    functionMetric(fn, metricName, statistic).with({ label }),
  );
}

function paymentsBy(deployment: string): Metric[] {
  return STATUSES.map((status) =>
    tollgateMetric(deployment, 'Payments', 'Sum', { Status: status }).with({ label: status }),
  );
}

function costs(props: DashboardsProps): IWidget[] {
  const { deployment, functions, payments, indexName, queue } = props;
  const written = (index?: string) =>
    tableMetric(payments.tableName, 'ConsumedWriteCapacityUnits', 'Sum', { indexName: index });
  const completed = tollgateMetric(deployment, 'Payments', 'Sum', { Status: 'completed' });
  return [
    ask('Lambda Invocations', { left: ofEach(functions, 'Invocations', 'Sum') }),
    ask('DynamoDB Consumed Capacity', {
      left: [
        tableMetric(payments.tableName, 'ConsumedReadCapacityUnits', 'Sum').with({ label: 'read' }),
        written().with({ label: 'written: table' }),
        written(indexName).with({ label: 'written: index' }),
      ],
    }),
    ask('API Gateway Requests', { left: [apiMetric(props, 'Count', 'Sum')] }),
    ask('How long do functions run, which is what they cost?', {
      left: ofEach(functions, 'Duration', 'Sum'),
    }),
    ask('How many write units does a payment take? (5 is a plain one)', {
      left: [
        new MathExpression({
          expression: 'IF(payments > 0, (onTable + onIndex) / payments)',
          usingMetrics: { onTable: written(), onIndex: written(indexName), payments: completed },
          label: 'Write units for each completed payment',
          period: FIVE_MINUTES,
        }),
      ],
      leftYAxis: { min: 0 },
    }),
    ask('Do we pay for receiving nothing from the queue?', {
      left: [
        queueMetric(queue, 'NumberOfMessagesReceived', 'Sum'),
        queueMetric(queue, 'NumberOfEmptyReceives', 'Sum'),
      ],
    }),
    ask('What do we log?', {
      left: Object.entries(functions).map(
        ([label, fn]) =>
          new Metric({
            namespace: 'AWS/Logs',
            metricName: 'IncomingBytes',
            dimensionsMap: { LogGroupName: `/aws/lambda/${fn.functionName}` },
            statistic: 'Sum',
            period: FIVE_MINUTES,
            label,
          }),
      ),
    }),
    ...fleet(props, (fleetName) => [
      ask('How many instances run?', {
        left: [groupMetric(fleetName, 'AWS/AutoScaling', 'GroupInServiceInstances', 'Average')],
        leftYAxis: { min: 0, max: 5 },
      }),
    ]),
    new TextWidget({
      width: WIDTH,
      height: 6,
      markdown:
        'Metrics are minutes old, bills are a day old. What was really paid: Cost Explorer, by the tags ' +
        '`Project` and `Environment`. Anomalies and the budget report to the topic `cost-alerts`.',
    }),
  ];
}

function security(props: DashboardsProps, region: string): IWidget[] {
  const { functions, aclMetricName, aclRules, topics } = props;
  const blocked = (rule?: string) => firewallMetric(aclMetricName, region, 'BlockedRequests', rule);
  return [
    ask('WAF Blocked Requests', {
      left: [blocked()],
      right: [firewallMetric(aclMetricName, region, 'AllowedRequests')],
    }),
    ask('Which rule blocks?', {
      left: aclRules.map((rule) => blocked(rule).with({ label: rule })),
      stacked: true,
    }),
    ask('Which rule would block, and only counts?', {
      left: aclRules.map((rule) =>
        firewallMetric(aclMetricName, region, 'CountedRequests', rule).with({ label: rule }),
      ),
    }),
    ask('Is somebody trying keys? (4xx, and keys looked up)', {
      left: [apiMetric(props, '4XXError', 'Sum')],
      right: [functionMetric(functions.authorizer, 'Invocations', 'Sum')],
    }),
    ask('Was the secret rotated?', {
      left: [
        functionMetric(functions.rotation, 'Invocations', 'Sum'),
        functionMetric(functions.rotation, 'Errors', 'Sum'),
      ],
    }),
    ask('Do alerts arrive?', {
      left: topics.map((topic) => topic.metricNumberOfNotificationsDelivered({ period: FIVE_MINUTES })),
      right: topics.map((topic) => topic.metricNumberOfNotificationsFailed({ period: FIVE_MINUTES })),
    }),
  ];
}

function operations(props: DashboardsProps): IWidget[] {
  const { deployment, alarms, functions, payments, indexName, queue, deadLetters } = props;
  const figure = (name: string, statistic: 'Sum' | 'Maximum') => tollgateMetric(deployment, name, statistic);
  const { relay, audit } = functions;
  return [
    new AlarmStatusWidget({ title: 'What is wrong?', width: 2 * WIDTH, height: 5, alarms: [...alarms] }),
    new GraphWidget({
      title: 'How many payments, and with which outcome?',
      width: 2 * WIDTH,
      left: paymentsBy(deployment),
      stacked: true,
    }),
    ask('Lambda Duration', { left: ofEach(functions, 'Duration', 'p99') }),
    ask('Lambda Errors', { left: ofEach(functions, 'Errors', 'Sum') }),
    ask('API Gateway Latency', {
      left: [apiMetric(props, 'Latency', 'p50'), apiMetric(props, 'Latency', 'p99')].map((metric) =>
        metric.with({ label: metric.statistic }),
      ),
    }),
    ask('DynamoDB Latency', {
      left: ['GetItem', 'PutItem', 'Query'].map((operation) =>
        payments.metricSuccessfulRequestLatency({
          dimensionsMap: { TableName: payments.tableName, Operation: operation },
          period: FIVE_MINUTES,
          label: operation,
        }),
      ),
    }),
    ask('Are requests answered?', {
      left: [apiMetric(props, 'Count', 'Sum')],
      right: [apiMetric(props, '4XXError', 'Sum'), apiMetric(props, '5XXError', 'Sum')],
    }),
    ask('Does work wait?', {
      left: [
        queueMetric(queue, 'ApproximateNumberOfMessagesVisible', 'Maximum'),
        queueMetric(queue, 'ApproximateNumberOfMessagesNotVisible', 'Maximum'),
      ],
      right: [queueMetric(queue, 'ApproximateAgeOfOldestMessage', 'Maximum')],
    }),
    ask('Are changes read in time?', {
      left: [relay, audit].map((fn) => functionMetric(fn, 'IteratorAge', 'Maximum')),
    }),
    ask('Is the audit log complete?', {
      left: [figure('AuditLagSeconds', 'Maximum')],
      right: [figure('FailedEvents', 'Maximum')],
    }),
    ask('Does anything wait for a person?', {
      left: [
        figure('DeadLetters', 'Maximum'),
        queueMetric(deadLetters, 'ApproximateNumberOfMessagesVisible', 'Maximum'),
      ],
      right: [figure('LateSuccess', 'Sum')],
    }),
    ask('Is anything refused for want of capacity?', {
      left: [
        ...ofEach(functions, 'Throttles', 'Sum'),
        sumOf(
          [undefined, indexName].flatMap((index) =>
            ['ReadThrottleEvents', 'WriteThrottleEvents'].map((name) =>
              tableMetric(payments.tableName, name, 'Sum', { indexName: index }),
            ),
          ),
          'DynamoDB',
        ),
      ],
      right: [functionMetric(functions.api, 'ConcurrentExecutions', 'Maximum')],
    }),
    ...fleet(props, (fleetName) => [
      ask('Is the fleet large enough?', {
        left: [
          groupMetric(fleetName, 'AWS/EC2', 'CPUUtilization', 'Average'),
          groupMetric(fleetName, 'CWAgent', 'mem_used_percent', 'Average'),
        ],
        leftYAxis: { min: 0, max: 100 },
        right: [groupMetric(fleetName, 'AWS/AutoScaling', 'GroupInServiceInstances', 'Average')],
      }),
    ]),
  ];
}

function fleet({ fleetName }: DashboardsProps, widgets: (fleetName: string) => IWidget[]): IWidget[] {
  return fleetName === undefined ? [] : widgets(fleetName);
}
