import { Stack } from 'aws-cdk-lib';
import {
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type GraphWidgetProps,
  type IAlarm,
  type IWidget,
  MathExpression,
  type Metric,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { type CostProps, completedPayments } from './cost-units.ts';
import { costOfPayment } from './cost-widgets.ts';
import type { Functions } from './function-alarms.ts';
import {
  distributionMetric,
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

export interface DashboardsProps extends CostProps {
  readonly names: Names;
  readonly alarms: readonly IAlarm[];
  readonly deadLetters: IQueue;
  /**
   * Name of the fleet's Auto Scaling group.
   * @default - no fleet takes work
   */
  readonly fleetName?: string;
  /** Names of the web ACL's rules' metrics: the dimension `Rule`. */
  readonly aclRules: readonly string[];
  readonly topics: readonly ITopic[];
}

/** Three dashboards, which an account has for nothing while each has at most 50 metrics; each graph is titled with the question that it answers. */
export class Dashboards extends Construct {
  constructor(scope: Construct, id: string, props: DashboardsProps) {
    super(scope, id);
    this.dashboard('payment-costs', props, costs(props, Stack.of(this).region));
    this.dashboard('payment-security', props, security(props));
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
function ofEach(
  functions: Partial<Functions>,
  metricName: string,
  statistic: 'Sum' | 'Maximum' | 'p99',
): Metric[] {
  return Object.entries(functions).map(([label, fn]) =>
    functionMetric(fn, metricName, statistic).with({ label }),
  );
}

function paymentsBy(deployment: string): Metric[] {
  return STATUSES.map((status) =>
    tollgateMetric(deployment, 'Payments', 'Sum', { Status: status }).with({ label: status }),
  );
}

function costs(props: DashboardsProps, region: string): IWidget[] {
  const { api, deployment, functions, payments, indexName, queue } = props;
  const written = (index?: string) =>
    tableMetric(payments.tableName, 'ConsumedWriteCapacityUnits', 'Sum', { indexName: index });
  return [
    ...costOfPayment(props, region),
    ask('Lambda Invocations', { left: ofEach(functions, 'Invocations', 'Sum') }),
    ask('DynamoDB Consumed Capacity', {
      left: [
        tableMetric(payments.tableName, 'ConsumedReadCapacityUnits', 'Sum').with({ label: 'read' }),
        written().with({ label: 'written: table' }),
        written(indexName).with({ label: 'written: index' }),
      ],
    }),
    ask(`${api.countedBy} Requests`, { left: [api.requests] }),
    ...edge(props),
    ask('How many write units does a payment take? (5 is a plain one)', {
      left: [
        new MathExpression({
          expression: 'IF(payments > 0, (onTable + onIndex) / payments)',
          usingMetrics: {
            onTable: written(),
            onIndex: written(indexName),
            payments: completedPayments(deployment),
          },
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
    ...fleet(props, (fleetName) => [
      ask('How many instances run?', {
        left: [groupMetric(fleetName, 'AWS/AutoScaling', 'GroupInServiceInstances', 'Average')],
        leftYAxis: { min: 0, max: 5 },
      }),
    ]),
  ];
}

function security(props: DashboardsProps): IWidget[] {
  const { api, functions, aclMetricName, aclRegion: region, aclRules, topics } = props;
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
      left: [api.clientErrors],
      right: functions.authorizer ? [functionMetric(functions.authorizer, 'Invocations', 'Sum')] : [],
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
  const { api, deployment, alarms, functions, payments, indexName, queue, deadLetters } = props;
  const figure = (name: string, statistic: 'Sum' | 'Maximum') => tollgateMetric(deployment, name, statistic);
  const { relay, audit } = functions;
  // Nobody waits for rotation, and whether it failed stands on `payment-security`.
  const { rotation: _, ...atWork } = functions;
  return [
    new AlarmStatusWidget({ title: 'What is wrong?', width: 2 * WIDTH, height: 5, alarms: [...alarms] }),
    new GraphWidget({
      title: 'How many payments, and with which outcome?',
      width: 2 * WIDTH,
      left: paymentsBy(deployment),
      stacked: true,
    }),
    ask('Lambda Duration', { left: ofEach(atWork, 'Duration', 'p99') }),
    ask('Lambda Errors', { left: ofEach(atWork, 'Errors', 'Sum') }),
    ask(`${api.countedBy} Latency`, {
      left: [api.latency('p50'), api.latency('p99')].map((metric) =>
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
      left: [api.requests],
      right: [api.clientErrors, api.serverErrors],
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
        ...ofEach(atWork, 'Throttles', 'Sum'),
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

function edge({ distributionId }: DashboardsProps): IWidget[] {
  if (distributionId === undefined) return [];
  return [
    ask('What does CloudFront answer?', {
      left: [distributionMetric(distributionId, 'Requests', 'Sum')],
      right: [
        distributionMetric(distributionId, '4xxErrorRate', 'Average'),
        distributionMetric(distributionId, '5xxErrorRate', 'Average'),
      ],
      rightYAxis: { min: 0, max: 100 },
    }),
  ];
}

function fleet({ fleetName }: DashboardsProps, widgets: (fleetName: string) => IWidget[]): IWidget[] {
  return fleetName === undefined ? [] : widgets(fleetName);
}
