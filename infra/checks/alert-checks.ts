import { grantsToService, hasConditionOn } from '../nag/policy-statements.ts';
import { at, flatText, items } from '../nag/template-values.ts';
import { unless, wants } from './differences.ts';
import type { TemplateCheck } from './template-check.ts';
import type { Resource, TemplateModel } from './template-model.ts';

const TOPICS = { 'cost-alerts': 'Cost', 'security-alerts': 'Security', 'ops-alerts': 'Ops' };

/** Services that publish, of which EventBridge alone takes no condition in a topic's policy. */
const PUBLISHERS: Readonly<Record<string, readonly string[]>> = {
  'cost-alerts': ['cloudwatch', 'events', 'budgets', 'costalerts'],
  'security-alerts': ['cloudwatch', 'events'],
  'ops-alerts': ['cloudwatch', 'events'],
};

/** Alarms on a share of all, in percent. */
const RATES = {
  'lambda-errors-payment-processor': 5,
  'lambda-errors-event-handler': 5,
  'api-4xx-errors': 10,
  'api-5xx-errors': 5,
  'authorizer-errors': 1,
};

const OTHERS = [
  'dlq-depth',
  'dlq-age',
  'queue-depth',
  'queue-age',
  'relay-iterator-age',
  'audit-iterator-age',
  'audit-lag',
  'api-latency-p99',
];

const DETAIL_TYPES = {
  'security-findings': ['aws.securityhub', 'Security Hub Findings - Imported', /"HIGH","CRITICAL"/],
  'guardduty-findings': ['aws.guardduty', 'GuardDuty Finding', /"numeric":\[">=",4\]/],
  'config-noncompliant': ['aws.config', 'Config Rules Compliance Change', /\["NON_COMPLIANT"\]/],
  'cost-anomaly': ['aws.ce', 'Anomaly Detected', /^/],
  'ec2-state-change': ['aws.ec2', 'EC2 Instance State-change Notification', /^/],
} as const;

function alarm(template: TemplateModel, name: string): Resource | undefined {
  return template.named('AWS::CloudWatch::Alarm', name);
}

function expressions(of: Resource | undefined): string {
  return items(at(of?.properties, 'Metrics'))
    .map((metric) => flatText(at(metric, 'Expression')))
    .join(' ');
}

export const ALERT_CHECKS: readonly TemplateCheck[] = [
  {
    says: 'row 3: three topics with their display names are encrypted under our own key',
    find: (template) =>
      Object.entries(TOPICS).flatMap(([name, display]) =>
        wants(template.named('AWS::SNS::Topic', name), name, {
          DisplayName: `Payment Processing ${display} Alerts`,
          KmsMasterKeyId: /^<ProcessingEncryptionKey\w+\.Arn>$/,
        }),
      ),
  },
  {
    says: 'row 3: each topic lets its publishers publish, for this account, and takes TLS only',
    find: (template) =>
      Object.entries(PUBLISHERS).flatMap(([name, services]) => {
        const topic = template.named('AWS::SNS::Topic', name);
        const [policy] = template
          .ofType('AWS::SNS::TopicPolicy')
          .filter(({ properties }) => topic && template.referred(at(properties, 'Topics')).includes(topic));
        const document = at(policy?.properties, 'PolicyDocument');
        return [
          ...unless(
            /"aws:SecureTransport":"false"/.test(JSON.stringify(document ?? '')),
            `${name} takes plain HTTP`,
          ),
          ...services.flatMap((service) => {
            const grants = grantsToService(document, `${service}.amazonaws.com`, 'sns:Publish');
            const bound = grants.every((grant) => hasConditionOn(grant, 'aws:SourceAccount'));
            return [
              ...unless(grants.length > 0, `${service} may not publish to ${name}`),
              ...unless(bound || service === 'events', `${service} may publish to ${name} for any account`),
            ];
          }),
        ];
      }),
  },
  {
    says: 'row 16: errors are alarms on rates: 5 % of invocations, 10 % of 4xx, 5 % of 5xx',
    find: (template, { edge }) =>
      Object.entries(RATES).flatMap(([name, percent]) => {
        if (edge === 'cloudfront' && name === 'authorizer-errors') return [];
        const found = alarm(template, name);
        return [
          ...wants(found, name, { Threshold: percent, ComparisonOperator: 'GreaterThanThreshold' }),
          ...unless(/100 \* failed \/ total/.test(expressions(found)), `${name} is no rate`),
        ];
      }),
  },
  {
    says: 'row 16: throttles are counted by the throttle metrics, and the fleet’s CPU is watched above 80 %',
    find(template) {
      const throttle = alarm(template, 'dynamodb-throttle');
      const text = JSON.stringify(at(throttle?.properties, 'Metrics') ?? '');
      return [
        ...unless(/ReadThrottleEvents/.test(text) && /WriteThrottleEvents/.test(text), 'no throttle metrics'),
        ...unless(!/UserErrors/.test(text), 'bad requests count as throttles'),
        ...wants(alarm(template, 'ec2-cpu-high'), 'ec2-cpu-high', {
          Threshold: 80,
          MetricName: 'CPUUtilization',
        }),
      ];
    },
  },
  {
    says: 'row 16: queues, streams, audit and latency have alarms, on depth and age of both queues',
    find: (template) => OTHERS.flatMap((name) => wants(alarm(template, name), name, {})),
  },
  {
    says: 'row 16: every alarm does something, and tells what to do',
    find: (template) =>
      template
        .ofType('AWS::CloudWatch::Alarm')
        .flatMap(({ id, properties }) => [
          ...unless(items(at(properties, 'AlarmActions')).length > 0, `${id} tells nobody`),
          ...unless(
            /Runbook: https:\/\/\S+\.md$/.test(flatText(at(properties, 'AlarmDescription'))),
            `${id} has no runbook`,
          ),
        ]),
  },
  {
    says: 'row 17: events of AWS have their real detail types and are narrowed to what somebody must act on',
    find: (template) =>
      Object.entries(DETAIL_TYPES).flatMap(([name, [source, detailType, narrowed]]) => {
        const rule = template.named('AWS::Events::Rule', name);
        const detail = JSON.stringify(at(rule?.properties, 'EventPattern', 'detail') ?? '');
        return [
          ...wants(rule, name, {
            State: 'ENABLED',
            EventPattern: { source: [source], 'detail-type': [detailType] },
          }),
          ...unless(narrowed.test(detail), `${name} is not narrowed`),
        ];
      }),
  },
  {
    says: 'row 17: every target has retries and a dead-letter queue under our own key',
    find: (template) =>
      template.ofType('AWS::Events::Rule').flatMap(({ id, properties }) =>
        items(at(properties, 'Targets')).flatMap((target) => {
          const [queue] = template.referred(at(target, 'DeadLetterConfig'), 'AWS::SQS::Queue');
          return [
            ...wants(queue, `dead letters of ${id}`, { KmsMasterKeyId: /EncryptionKey/ }),
            ...unless(Number(at(target, 'RetryPolicy', 'MaximumRetryAttempts')) > 0, `${id} is tried once`),
          ];
        }),
      ),
  },
  {
    says: 'row 18: in us-east-1 an anomaly subscription and a budget with actual and forecast alerts tell cost-alerts',
    find(template, { region }) {
      const [budget] = template.ofType('AWS::Budgets::Budget');
      const [subscription] = template.ofType('AWS::CE::AnomalySubscription');
      if (region !== 'us-east-1') {
        return unless(
          !template.all.some(({ type }) => /^AWS::(Budgets|CE)::/.test(type)),
          `${region} does not know what spending is watched with`,
        );
      }
      const kinds = items(at(budget?.properties, 'NotificationsWithSubscribers')).map((alert) =>
        flatText(at(alert, 'Notification', 'NotificationType')),
      );
      return [
        ...wants(budget, 'budget', { Budget: { TimeUnit: 'MONTHLY', BudgetType: 'COST' } }),
        ...unless(
          kinds.includes('ACTUAL') && kinds.includes('FORECASTED'),
          `the budget alerts by ${kinds.join()}`,
        ),
        ...wants(subscription, 'subscription', {
          Frequency: 'IMMEDIATE',
          Subscribers: [{ Address: /Cost/ }],
        }),
      ];
    },
  },
  {
    says: 'row 19: dashboards payment-costs, payment-security and payment-ops, by region',
    find: (template, { region }) =>
      ['payment-costs', 'payment-security', 'payment-ops'].flatMap((name) => {
        const dashboard = template.named('AWS::CloudWatch::Dashboard', `${name}-${region}`);
        const body = flatText(at(dashboard?.properties, 'DashboardBody'));
        return [
          ...wants(dashboard, name, {}),
          ...unless(/"type":"metric"/.test(body), `${name} shows nothing`),
        ];
      }),
  },
];
