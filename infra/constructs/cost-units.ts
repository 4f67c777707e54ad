import type { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Component } from '../../cost/bill/usage.ts';
import { GIB, MEGABYTES_PER_GB } from '../../cost/model/stated.ts';
import type { FunctionName } from '../bundles.ts';
import type { Settings } from '../settings.ts';
import type { Functions } from './function-alarms.ts';
import {
  type ApiMetrics,
  distributionMetric,
  firewallMetric,
  functionMetric,
  logMetric,
  queueMetric,
  tableMetric,
  tollgateMetric,
} from './metrics.ts';
import { SHAPES } from './payment-functions.ts';

export interface CostProps {
  /** The suffix: the dimension of the application's own metrics. */
  readonly deployment: string;
  readonly functions: Functions;
  readonly api: ApiMetrics;
  /**
   * Id of the CloudFront distribution before the API.
   * @default - it has another edge
   */
  readonly distributionId?: string;
  readonly payments: ITable;
  /**
   * By which the units of the table are priced.
   * @default 'STANDARD'
   */
  readonly tableClass?: Settings['tableClass'];
  readonly indexName: string;
  readonly queue: IQueue;
  /** Metric name of the web ACL, as in its visibility configuration. */
  readonly aclMetricName: string;
  /**
   * Where the web ACL is.
   * @default - it is CloudFront's, which is nowhere
   */
  readonly aclRegion?: string;
  /**
   * Log group that gets a line for each request.
   * @default - there is none
   */
  readonly accessLogName?: string;
}

/** A metric whose sum is paid for: `times / of` units for 1 of it. */
interface Counted {
  /** Its name in expressions: the same wherever the metric is counted, or it would be in the widget twice. */
  readonly id: string;
  readonly metric: Metric;
  readonly times?: number;
  readonly of?: number;
}

/** What is paid for by the unit, as far as metrics tell it. */
export interface CostUnit {
  /** Its name in expressions. */
  readonly id: string;
  readonly label: string;
  readonly component: Component;
  /** Id in the price list. */
  readonly price: string;
  /**
   * So many of it are one that the price is for.
   * @default 1
   */
  readonly inPriced?: number;
  readonly counted: readonly Counted[];
}

const MS_PER_SECOND = 1_000;

/** Payments by which units are divided: those that got what they were made for. */
export function completedPayments(deployment: string): Metric {
  return tollgateMetric(deployment, 'Payments', 'Sum', { Status: 'completed' });
}

/** The same units as `cost/meter` counts, but for those that no metric tells: see `COST_GAPS`. */
export function costUnits(props: CostProps): CostUnit[] {
  return [
    ...edgeUnits(props),
    ...functionUnits(props),
    ...databaseUnits(props),
    queueUnit(props),
    auditUnit(props),
    ...logUnits(props),
  ];
}

/** For the reader of the dashboard: what is in the bill, and in no unit above. */
export const COST_GAPS = [
  'Not in it: what is fixed, storage and backups, traces, data out of API Gateway and through the NAT gateway, the ' +
    'fleet, the control table, rotation, and logs of firewall and network. `npm run cost` has all of it, before it is paid.',
  'SQS requests are at most so many: each message counts as a request, and batches need fewer. Questions for the ' +
    "queue's length are not counted by any metric.",
  'S3 objects are the invocations of the audit function: it writes one object each time.',
  'GB-seconds leave out the start of new environments, which Lambda bills too.',
] as const;

function edgeUnits(props: CostProps): CostUnit[] {
  const { api, distributionId, aclMetricName, aclRegion } = props;
  const firewall = (id: string, name: 'AllowedRequests' | 'BlockedRequests') => ({
    id,
    metric: firewallMetric(aclMetricName, aclRegion, name),
  });
  const allowed = firewall('allowed', 'AllowedRequests');
  const lookedAt: CostUnit = {
    id: 'firewall_requests',
    label: 'firewall requests',
    component: 'firewall',
    price: 'waf.request',
    counted: [allowed, firewall('blocked', 'BlockedRequests')],
  };
  const edge = (id: string, label: string, price: string, counted: Counted): CostUnit => ({
    id,
    label,
    component: 'edge',
    price,
    counted: [counted],
  });
  if (distributionId === undefined) {
    return [
      edge('api_requests', 'API requests', 'apigw.rest', { id: 'requests', metric: api.requests }),
      lookedAt,
    ];
  }
  const of = (name: 'Requests' | 'BytesDownloaded') => distributionMetric(distributionId, name, 'Sum');
  return [
    edge('api_requests', 'CloudFront requests', 'cf.https', { id: 'requests', metric: of('Requests') }),
    // It runs for what the firewall lets through.
    edge('edge_functions', 'functions at the edge', 'cf.function', allowed),
    {
      ...edge('data_out', 'bytes sent to clients', 'cf.dto', {
        id: 'bytes_out',
        metric: of('BytesDownloaded'),
      }),
      inPriced: GIB,
    },
    lookedAt,
  ];
}

/** Rotation runs a few times a month. */
function paidFunctions(functions: Functions): [Exclude<FunctionName, 'rotation'>, Functions['api']][] {
  const { rotation: _, ...others } = functions;
  return Object.entries(others) as [Exclude<FunctionName, 'rotation'>, Functions['api']][];
}

function functionUnits({ functions }: CostProps): CostUnit[] {
  const all = paidFunctions(functions);
  return [
    {
      id: 'lambda_requests',
      label: 'Lambda requests',
      component: 'functions',
      price: 'lambda.request',
      counted: all.map(([name, fn]) => invocations(name, fn)),
    },
    ...all.map(
      ([name, fn]): CostUnit => ({
        id: `gbs_${name}`,
        label: `GB-seconds: ${name}`,
        component: 'functions',
        price: 'lambda.gbs.arm',
        counted: [
          {
            id: `duration_${name}`,
            metric: functionMetric(fn, 'Duration', 'Sum'),
            times: SHAPES[name].memoryMb,
            of: MEGABYTES_PER_GB * MS_PER_SECOND,
          },
        ],
      }),
    ),
  ];
}

function invocations(name: FunctionName, fn: Functions['api']): Counted {
  return { id: `invocations_${name}`, metric: functionMetric(fn, 'Invocations', 'Sum') };
}

function databaseUnits({ payments, indexName, tableClass }: CostProps): CostUnit[] {
  const price = (unit: 'wru' | 'rru') =>
    tableClass === 'STANDARD_INFREQUENT_ACCESS' ? `ddb.ia.${unit}` : `ddb.${unit}`;
  const consumed = (kind: 'Read' | 'Write', index?: string) =>
    tableMetric(payments.tableName, `Consumed${kind}CapacityUnits`, 'Sum', { indexName: index });
  const unit = (id: string, label: string, kind: 'Read' | 'Write', counted: Counted[]): CostUnit => ({
    id,
    label,
    component: 'database',
    price: price(kind === 'Write' ? 'wru' : 'rru'),
    counted,
  });
  return [
    unit('table_writes', 'write units: table', 'Write', [{ id: 'written', metric: consumed('Write') }]),
    unit('index_writes', 'write units: index', 'Write', [
      { id: 'written_index', metric: consumed('Write', indexName) },
    ]),
    unit('reads', 'read units', 'Read', [
      { id: 'read', metric: consumed('Read') },
      { id: 'read_index', metric: consumed('Read', indexName) },
    ]),
  ];
}

function queueUnit({ queue }: CostProps): CostUnit {
  const of = (id: string, name: string) => ({ id, metric: queueMetric(queue, name, 'Sum') });
  return {
    id: 'queue_requests',
    label: 'SQS requests, at most',
    component: 'queue',
    price: 'sqs.std',
    counted: [
      of('sent', 'NumberOfMessagesSent'),
      of('received', 'NumberOfMessagesReceived'),
      of('deleted', 'NumberOfMessagesDeleted'),
      of('empty', 'NumberOfEmptyReceives'),
    ],
  };
}

function auditUnit({ functions }: CostProps): CostUnit {
  return {
    id: 's3_objects',
    label: 'S3 objects',
    component: 'audit log',
    price: 's3.put',
    counted: [invocations('audit', functions.audit)],
  };
}

function logUnits({ functions, accessLogName }: CostProps): CostUnit[] {
  const unit = (id: string, label: string, price: string, counted: Counted[]): CostUnit => ({
    id,
    label,
    component: 'logs and traces',
    price,
    inPriced: GIB,
    counted,
  });
  const groups = paidFunctions(functions).map(([name, fn]) => ({
    id: `log_${name}`,
    metric: logMetric(`/aws/lambda/${fn.functionName}`),
  }));
  return [
    unit('function_logs', 'bytes logged by functions', 'cw.logs.vended', groups),
    ...(accessLogName === undefined
      ? []
      : [
          unit('access_logs', 'bytes of access log', 'cw.logs.std', [
            { id: 'log_access', metric: logMetric(accessLogName) },
          ]),
        ]),
  ];
}
