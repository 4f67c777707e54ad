import { Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { soleResource, testNames, testStack } from '../stack.fixture.ts';
import { Spending, type SpendingProps } from './spending.ts';

const MONITOR = 'arn:aws:ce::111122223333:anomalymonitor/01234567-89ab-cdef-0123-456789abcdef';

function synthesize(choices: Partial<SpendingProps> = {}, region = 'us-east-1'): Template {
  const stack = testStack(region);
  const cost = new Topic(stack, 'Cost', { masterKey: new Key(stack, 'Key'), enforceSSL: true });
  new Spending(stack, 'Spending', {
    names: testNames('dev123', region),
    cost,
    costAnomalyMonitor: 'create',
    monthlyBudgetUsd: 200,
    ...choices,
  });
  return Template.fromStack(stack);
}

describe('the budget', () => {
  const { Properties, DependsOn } = soleResource(synthesize(), 'AWS::Budgets::Budget');

  it('tells the cost topic at 80 % and 100 % spent, and when the month is forecast to reach it', () => {
    expect(Properties.Budget).toMatchObject({
      BudgetName: 'payment-budget-us-east-1-dev123',
      BudgetLimit: { Amount: 200, Unit: 'USD' },
      TimeUnit: 'MONTHLY',
    });
    const alerts = Properties.NotificationsWithSubscribers.map(
      ({ Notification }: { Notification: { NotificationType: string; Threshold: number } }) =>
        `${Notification.NotificationType} ${Notification.Threshold}`,
    );
    expect(alerts).toEqual(['ACTUAL 80', 'ACTUAL 100', 'FORECASTED 100']);
    expect(Properties.NotificationsWithSubscribers[0].Subscribers).toEqual([
      { SubscriptionType: 'SNS', Address: { Ref: expect.stringMatching(/^Cost/) } },
    ]);
  });

  it('waits for the topic’s policy, without which AWS refuses it', () => {
    expect(DependsOn).toContainEqual(expect.stringMatching(/^CostPolicy/));
  });
});

describe('anomaly detection', () => {
  const template = synthesize();

  it('watches every service and tells the cost topic at once', () => {
    expect(soleResource(template, 'AWS::CE::AnomalyMonitor').Properties).toMatchObject({
      MonitorType: 'DIMENSIONAL',
      MonitorDimension: 'SERVICE',
    });
    const { Properties, DependsOn } = soleResource(template, 'AWS::CE::AnomalySubscription');
    expect(Properties).toMatchObject({ Frequency: 'IMMEDIATE', Subscribers: [{ Type: 'SNS' }] });
    expect(DependsOn).toContainEqual(expect.stringMatching(/^CostPolicy/));
  });

  it.each([
    [200, '20'],
    [10, '10'],
  ])('of a budget of %d dollars speaks from %s on', (monthlyBudgetUsd, least) => {
    const { Properties } = soleResource(synthesize({ monthlyBudgetUsd }), 'AWS::CE::AnomalySubscription');
    expect(JSON.parse(Properties.ThresholdExpression).Dimensions).toEqual({
      Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE',
      MatchOptions: ['GREATER_THAN_OR_EQUAL'],
      Values: [least],
    });
  });

  it('subscribes to a monitor that is named, and makes none', () => {
    const named = synthesize({ costAnomalyMonitor: MONITOR });
    named.resourceCountIs('AWS::CE::AnomalyMonitor', 0);
    expect(soleResource(named, 'AWS::CE::AnomalySubscription').Properties.MonitorArnList).toEqual([MONITOR]);
  });

  it.each(['existing', 'off'])('is left alone with %s', (costAnomalyMonitor) => {
    const none = synthesize({ costAnomalyMonitor });
    none.resourceCountIs('AWS::CE::AnomalyMonitor', 0);
    none.resourceCountIs('AWS::CE::AnomalySubscription', 0);
    none.resourceCountIs('AWS::Budgets::Budget', 1);
  });
});

it('exists in us-east-1 only: elsewhere CloudFormation does not know these types', () => {
  const elsewhere = JSON.stringify(synthesize({}, 'eu-central-1').toJSON());
  expect(elsewhere).not.toMatch(/AWS::(CE|Budgets)::/);
});
