import type { Resource } from '../../infra/checks/template-model.ts';
import { at, flatText, items, numberOf } from '../../infra/nag/template-values.ts';
import { free, type Part, type Registry } from './reader.ts';
import { byTheMonth } from './standing.ts';
import { SCALING_POLICY } from './table-capacity.ts';

/** Alarms on shorter periods are of high resolution, and dearer. */
const STANDARD_RESOLUTION_SECONDS = 60;
/** Only dashboards with up to so many metrics are in the allowance. */
const SMALL_DASHBOARD_METRICS = 50;
/** A band around the expected values counts as two metrics more (CloudWatch's pricing page). */
const BAND_METRICS = 2;
/** Two on what is used, and two that see whether the capacity was changed by anybody else. */
const ALARMS_OF_TABLE_SCALING = 4;

export const MONITORING: Registry = {
  'AWS::CloudWatch::Alarm': { fixed: alarms },
  'AWS::CloudWatch::CompositeAlarm': {
    fixed: (found) =>
      byTheMonth({
        component: 'monitoring',
        what: 'composite alarms',
        price: 'cw.alarm.composite',
        count: found.length,
      }),
  },
  'AWS::CloudWatch::Dashboard': { fixed: dashboards },
  'AWS::AutoScaling::ScalingPolicy': { fixed: scalingAlarms },
  [SCALING_POLICY]: { fixed: tableScalingAlarms },
  'AWS::Logs::MetricFilter': {
    fixed: (found) =>
      byTheMonth({
        component: 'monitoring',
        what: 'metrics that are read from logs',
        price: 'cw.metric',
        count: found.flatMap(({ properties }) => items(at(properties, 'MetricTransformations'))).length,
      }),
  },
  'AWS::Logs::LogGroup': { volume: 'what is written to it, and kept' },
  'AWS::Logs::Delivery': { volume: 'access log of the edge' },
  ...free(
    'what is delivered is paid for, not that it is',
    'AWS::Logs::DeliverySource',
    'AWS::Logs::DeliveryDestination',
  ),
  ...free('who may write to it costs nothing', 'AWS::Logs::ResourcePolicy'),
  ...free('how many traces it lets through is in the model', 'AWS::XRay::SamplingRule'),
};

function alarms(found: readonly Resource[]): Part[] {
  const parts: Part[] = [];
  const metrics = { standard: 0, high: 0 };
  const counts = { standard: 0, high: 0 };
  for (const alarm of found) {
    if (isQuery(alarm)) {
      parts.push({ logicalId: alarm.id, why: 'an alarm on a query, paid by the metrics that it finds' });
      continue;
    }
    const resolution = isHighResolution(alarm) ? 'high' : 'standard';
    metrics[resolution] += metricsOf(alarm);
    counts[resolution] += 1;
  }
  const note = (alarmCount: number) =>
    `all metrics of ${alarmCount} alarms: one on an expression looks at several`;
  return [
    ...byTheMonth({
      component: 'monitoring',
      what: 'alarms',
      price: 'cw.alarm',
      count: metrics.standard,
      note: note(counts.standard),
    }),
    ...byTheMonth({
      component: 'monitoring',
      what: 'alarms of high resolution',
      price: 'cw.alarm.high',
      count: metrics.high,
      note: note(counts.high),
    }),
    ...parts,
  ];
}

/** Each metric that an alarm looks at is charged; the expression over them is not. */
function metricsOf({ properties }: Resource): number {
  const queries = items(at(properties, 'Metrics'));
  if (queries.length === 0) return 1;
  const looked = queries.filter((query) => at(query, 'MetricStat') !== undefined).length;
  const bands = queries.filter((query) =>
    flatText(at(query, 'Expression')).includes('ANOMALY_DETECTION_BAND'),
  );
  return looked + bands.length * BAND_METRICS;
}

function isQuery({ properties }: Resource): boolean {
  return items(at(properties, 'Metrics')).some((query) =>
    /^\s*SELECT\b/i.test(flatText(at(query, 'Expression'))),
  );
}

function isHighResolution({ id, properties }: Resource): boolean {
  const queries = items(at(properties, 'Metrics'));
  const periods = [
    at(properties, 'Period'),
    ...queries.flatMap((query) => [at(query, 'Period'), at(query, 'MetricStat', 'Period')]),
  ];
  return periods
    .filter((period) => period !== undefined)
    .some((period) => numberOf(period, `the period of ${id}`) < STANDARD_RESOLUTION_SECONDS);
}

function dashboards(found: readonly Resource[]): Part[] {
  const sizes = found.map(({ properties }) => metricsShown(bodyText(at(properties, 'DashboardBody'))));
  const small = sizes.filter((size) => size <= SMALL_DASHBOARD_METRICS);
  const large = sizes.filter((size) => size > SMALL_DASHBOARD_METRICS);
  const of = (some: readonly number[]) => ({
    component: 'monitoring' as const,
    count: some.length,
    note: `of ${some.join(', ')} metrics`,
  });
  return [
    ...byTheMonth({ ...of(small), what: 'dashboards', price: 'cw.dashboard' }),
    ...byTheMonth({
      ...of(large),
      what: `dashboards of more than ${SMALL_DASHBOARD_METRICS} metrics`,
      price: 'cw.dashboard.large',
    }),
  ];
}

/** What is known only when it is deployed are names within quotes, and it does not matter here which. */
function bodyText(body: unknown): string {
  const [, parts] = items(at(body, 'Fn::Join'));
  return parts === undefined
    ? flatText(body)
    : items(parts)
        .map((part) => (typeof part === 'string' ? part : ''))
        .join('');
}

/** Lines of the widgets; an expression is an object among them, a metric begins with its namespace. */
function metricsShown(body: string): number {
  return items(at(JSON.parse(body), 'widgets'))
    .flatMap((widget) => items(at(widget, 'properties', 'metrics')))
    .filter((line) => typeof items(line)[0] === 'string').length;
}

/** Target tracking makes alarms that are in no template: one that adds instances, and one that removes them. */
function scalingAlarms(found: readonly Resource[]): Part[] {
  const tracking = found.filter(
    ({ properties }) => flatText(at(properties, 'PolicyType')) === 'TargetTrackingScaling',
  );
  const count = tracking.map(({ properties }) =>
    at(properties, 'TargetTrackingConfiguration', 'DisableScaleIn') === true ? 1 : 2,
  );
  return byTheMonth({
    component: 'monitoring',
    what: 'alarms that target tracking makes',
    price: 'cw.alarm',
    count: count.reduce((sum, each) => sum + each, 0),
    note: 'one for each policy, and one more where it may remove instances',
    basis: 'assumed',
  });
}

/** The same of capacity, of tables and of their indexes. */
function tableScalingAlarms(found: readonly Resource[]): Part[] {
  const tracked = (metric: unknown) =>
    flatText(at(metric, 'PredefinedMetricSpecification', 'PredefinedMetricType'));
  const [ofTables, others] = [true, false].map((isOfTable) =>
    found.filter(
      ({ properties }) =>
        tracked(at(properties, 'TargetTrackingScalingPolicyConfiguration')).startsWith('DynamoDB') ===
        isOfTable,
    ),
  ) as [Resource[], Resource[]];
  return [
    ...byTheMonth({
      component: 'monitoring',
      what: 'alarms that the scaling of tables makes',
      price: 'cw.alarm',
      count: ofTables.length * ALARMS_OF_TABLE_SCALING,
      note: `${ALARMS_OF_TABLE_SCALING} for each of ${ofTables.length} policies: writes and reads, of table and index`,
      basis: 'assumed',
    }),
    ...others.map(({ id }) => ({
      logicalId: id,
      why: 'scaling of what is no table: its alarms are not counted',
    })),
  ];
}
