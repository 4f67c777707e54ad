import { Match, Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { testStack } from '../stack.fixture.ts';
import { Alarms, type AlarmsProps } from './alarms.ts';
import { urlMetrics } from './metrics.ts';
import { watched } from './watched.fixture.ts';

interface AlarmProperties {
  AlarmName: string;
  AlarmDescription: string;
  AlarmActions: string[];
  OKActions?: string[];
  Threshold: number;
  TreatMissingData: string;
  Namespace?: string;
  MetricName?: string;
  Metrics?: { Id: string; Expression?: string; MetricStat?: { Metric: { MetricName: string } } }[];
}

function synthesize(changes: Partial<AlarmsProps> = {}) {
  const stack = testStack();
  const alarms = new Alarms(stack, 'Alarms', {
    ...watched(stack),
    apiConcurrency: 50,
    writeCaps: { table: 4_000, index: 8_000 },
    maxBacklog: 100_000,
    fleetName: 'payment-asg-dev123',
    fleetLeast: 1,
    ...changes,
  });
  const template = Template.fromStack(stack);
  const found = Object.values(template.findResources('AWS::CloudWatch::Alarm'));
  const byName = new Map<string, AlarmProperties>(
    found.map(({ Properties }) => [Properties.AlarmName.replace(/-dev123$/, ''), Properties]),
  );
  return { template, alarms, byName };
}

const { template, alarms, byName } = synthesize();

function named(name: string): AlarmProperties {
  const alarm = byName.get(name);
  if (!alarm) throw new Error(`no alarm ${name} among ${[...byName.keys()].join(', ')}`);
  return alarm;
}

/** The expression of an alarm on a rate or a sum, with the names of what it is made of. */
function expression(name: string) {
  const metrics = named(name).Metrics ?? [];
  return {
    text: metrics.find((metric) => metric.Expression)?.Expression,
    of: metrics.flatMap((metric) => metric.MetricStat?.Metric.MetricName ?? []),
  };
}

describe('every alarm', () => {
  it('ends in the suffix, and somebody hears of it', () => {
    expect(byName.size).toBe(alarms.all.length);
    for (const alarm of byName.values()) {
      expect(alarm.AlarmName).toMatch(/-dev123$/);
      expect(alarm.AlarmActions).toHaveLength(1);
    }
  });

  it('says what it means and links to its runbook', () => {
    for (const alarm of byName.values()) {
      expect(alarm.AlarmDescription).toMatch(
        /^\S.{30,} Runbook: https:\/\/github\.com\/tollgate\/tollgate\/blob\/main\/docs\/runbooks\/[a-z0-9-]+\.md$/,
      );
    }
  });

  it('links to the runbooks of a fork', () => {
    const fork = synthesize({ runbookUrl: 'https://wiki.example.com/pay' }).byName.get('queue-age');
    expect(fork?.AlarmDescription).toMatch(/ https:\/\/wiki\.example\.com\/pay\/queue-age\.md$/);
  });

  it('takes missing data for no alarm, but of what must never be silent', () => {
    const loud = [...byName]
      .filter(([, alarm]) => alarm.TreatMissingData === 'breaching')
      .map(([name]) => name);
    expect(loud).toEqual(['sweep-silent']);
  });

  it('tells when it is over, unless it is about something that happened', () => {
    const silent = [...byName].filter(([, alarm]) => !alarm.OKActions).map(([name]) => name);
    expect(silent.toSorted()).toEqual(['failed-events', 'late-success', 'rotation-failures']);
  });
});

describe('the topics', () => {
  it('are security for what an attacker or a secret is behind, and ops for the rest', () => {
    const security = [...byName].filter(([, { AlarmActions }]) =>
      JSON.stringify(AlarmActions).includes('security-alerts'),
    );
    expect(security.map(([name]) => name).toSorted()).toEqual(['rotation-failures', 'waf-blocked-spike']);
  });
});

describe('the promised rates', () => {
  it.each([
    ['lambda-errors-payment-processor', 'Errors', 'Invocations', 5],
    ['lambda-errors-event-handler', 'Errors', 'Invocations', 5],
    ['lambda-errors-payment-relay', 'Errors', 'Invocations', 5],
    ['lambda-errors-payment-audit', 'Errors', 'Invocations', 5],
    ['lambda-errors-payment-sweep', 'Errors', 'Invocations', 5],
    ['authorizer-errors', 'Errors', 'Invocations', 1],
    ['api-4xx-errors', '4XXError', 'Count', 10],
    ['api-5xx-errors', '5XXError', 'Count', 5],
  ])('%s is a percentage of %s in %s above %d', (name, failed, total, percent) => {
    expect(expression(name).text).toMatch(/^IF\(failed >= \d+, 100 \* failed \/ total, 0\)$/);
    expect(expression(name).of).toEqual([failed, total]);
    expect(named(name).Threshold).toBe(percent);
  });

  it('wait for more than one failure, so that one of one wakes nobody', () => {
    expect(expression('api-5xx-errors').text).toContain('failed >= 3');
    expect(expression('lambda-errors-event-handler').text).toContain('failed >= 3');
  });

  it('count the sweep, which runs once in a period, over three of them', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'lambda-errors-payment-sweep-dev123',
      EvaluationPeriods: 3,
    });
  });
});

describe('DynamoDB', () => {
  it('throttles are counted as throttles of table and index, and not as user errors', () => {
    const { text, of } = expression('dynamodb-throttle');
    expect(new Set(of)).toEqual(new Set(['ReadThrottleEvents', 'WriteThrottleEvents']));
    expect(of).toHaveLength(6);
    // They have no data while there are none: a sum without FILL would have none either.
    expect(text?.match(/FILL\(m\d, 0\)/g)).toHaveLength(6);
    expect(JSON.stringify(named('dynamodb-throttle'))).toContain('status-index');
    expect(JSON.stringify(template.toJSON())).not.toContain('UserErrors');
  });

  it.each([
    ['table', 4_000],
    ['index', 8_000],
  ])('writes to the %s are noticed at 80 %% of the cap', (part, cap) => {
    expect(named(`dynamodb-writes-near-cap-${part}`)).toMatchObject({
      MetricName: 'ConsumedWriteCapacityUnits',
      Period: 60,
      Statistic: 'Sum',
      Threshold: cap * 60 * 0.8,
    });
  });
});

describe('the queues', () => {
  it('are watched by depth and by age, both of them', () => {
    const metric = (name: string) => named(name).MetricName;
    expect([metric('queue-depth'), metric('dlq-depth')]).toEqual(
      Array(2).fill('ApproximateNumberOfMessagesVisible'),
    );
    expect([metric('queue-age'), metric('dlq-age')]).toEqual(Array(2).fill('ApproximateAgeOfOldestMessage'));
  });

  it('raise the alarm for the first message that is put aside', () => {
    expect(named('dlq-depth').Threshold).toBe(0);
    expect(named('failed-invocations').Threshold).toBe(0);
  });

  it('of undelivered alerts are watched together', () => {
    expect(expression('alerts-undelivered').text).toBe('FILL(m0, 0) + FILL(m1, 0)');
    expect(JSON.stringify(named('alerts-undelivered'))).toMatch(/payment-events-dlq.*payment-alerts-dlq/);
  });
});

describe('a roll-back', () => {
  it('follows errors that new code can make, and no more alarms than CodeDeploy takes', () => {
    const names = alarms.forRollback.map(({ node }) => node.id).toSorted();
    expect(names).toEqual([
      'api-5xx-errors',
      'authorizer-errors',
      'lambda-errors-event-handler',
      'lambda-errors-payment-audit',
      'lambda-errors-payment-processor',
      'lambda-errors-payment-relay',
      'lambda-errors-payment-sweep',
    ]);
    expect(names.length).toBeLessThanOrEqual(10);
  });
});

describe('the fleet', () => {
  it('is watched by CPU, by the agent’s memory figure of the group, and by its size', () => {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'ec2-cpu-high-dev123',
      Namespace: 'AWS/EC2',
      Threshold: 80,
      EvaluationPeriods: 2,
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'payment-asg-dev123' }],
    });
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      AlarmName: 'fleet-memory-high-dev123',
      Namespace: 'CWAgent',
      MetricName: 'mem_used_percent',
      Dimensions: [{ Name: 'AutoScalingGroupName', Value: 'payment-asg-dev123' }],
    });
    expect(named('fleet-below-minimum').Threshold).toBe(1);
  });

  it('has no alarms where there is none, nor on its size where none is its least', () => {
    const none = synthesize({ fleetName: undefined }).byName;
    expect([...none.keys()].filter((name) => /fleet|ec2/.test(name))).toEqual([]);
    expect(synthesize({ fleetLeast: 0 }).byName.has('fleet-below-minimum')).toBe(false);
  });
});

it('has an alarm on reserved concurrency only where some is reserved', () => {
  expect(named('lambda-concurrency').Threshold).toBe(40);
  expect(synthesize({ apiConcurrency: undefined }).byName.has('lambda-concurrency')).toBe(false);
});

it('reads the application’s own metrics by the deployment', () => {
  for (const metric of ['AuditLagSeconds', 'DeadLetters', 'LateSuccess', 'FailedEvents']) {
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      Namespace: 'Tollgate',
      MetricName: metric,
      Dimensions: Match.exact([{ Name: 'Deployment', Value: 'dev123' }]),
    });
  }
});

describe('behind CloudFront', () => {
  const stack = testStack();
  const { functions } = watched(stack);
  const { authorizer: _, ...withoutAuthorizer } = functions;
  const edge = synthesize({
    functions: withoutAuthorizer,
    api: urlMetrics(functions.api),
    distributionId: 'E123',
    aclRegion: undefined,
  }).byName;
  const metricsOf = (name: string) =>
    edge.get(name)?.Metrics?.flatMap(({ MetricStat }) => MetricStat?.Metric.MetricName ?? []);

  it('rates are of the function’s URL, and latency is the function’s own', () => {
    expect(metricsOf('api-4xx-errors')).toEqual(['Url4xxCount', 'UrlRequestCount']);
    expect(metricsOf('api-5xx-errors')).toEqual(['Url5xxCount', 'UrlRequestCount']);
    expect(edge.get('api-latency-p99')).toMatchObject({ MetricName: 'Duration', Namespace: 'AWS/Lambda' });
  });

  it('what never reaches the function is counted at the edge, of which no deployment waits', () => {
    expect(edge.get('edge-5xx-errors')).toMatchObject({ Threshold: 5 });
    expect(metricsOf('edge-5xx-errors')).toEqual(['5xxErrorRate', 'Requests']);
    expect(JSON.stringify(edge.get('edge-5xx-errors'))).toContain('{"Name":"Region","Value":"Global"}');
    expect(byName.has('edge-5xx-errors')).toBe(false);
    const made = synthesize({ distributionId: 'E123' }).alarms;
    expect(made.forRollback).toHaveLength(alarms.forRollback.length);
  });

  it('there is no authorizer to watch', () => {
    expect(edge.has('authorizer-errors')).toBe(false);
    expect(metricsOf('lambda-throttles')).toEqual(['Throttles']);
  });

  it('the firewall’s metrics have no region, or there would never be data', () => {
    expect(edge.get('waf-blocked-spike')).toMatchObject({
      Dimensions: [
        { Name: 'Rule', Value: 'ALL' },
        { Name: 'WebACL', Value: 'payment-waf-dev123' },
      ],
    });
  });
});

it('asks for the firewall’s blocked requests in all three dimensions, or it would never have data', () => {
  expect(named('waf-blocked-spike')).toMatchObject({
    Dimensions: [
      { Name: 'Region', Value: 'us-east-1' },
      { Name: 'Rule', Value: 'ALL' },
      { Name: 'WebACL', Value: 'payment-waf-dev123' },
    ],
  });
});
