import { Stack } from 'aws-cdk-lib';
import { CfnBudget } from 'aws-cdk-lib/aws-budgets';
import { CfnAnomalyMonitor, CfnAnomalySubscription } from 'aws-cdk-lib/aws-ce';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';

/** Both services are the whole account's and live here; in another region CloudFormation does not know them. */
const HOME_REGION = 'us-east-1';

/** Actual spending at the first two, and the month's forecast at the whole of it. */
const BUDGET_ALERTS = [
  { notificationType: 'ACTUAL', threshold: 80 },
  { notificationType: 'ACTUAL', threshold: 100 },
  { notificationType: 'FORECASTED', threshold: 100 },
];

/** An anomaly worth a mail: a tenth of the month's budget, and never less than this. */
const LEAST_ANOMALY_USD = 10;

export interface SpendingProps {
  readonly names: Names;
  /** Its policy must let `budgets` and `costalerts` publish before either is created: both try it. */
  readonly cost: ITopic;
  /**
   * `create`, `existing`, `off`, or the ARN of a monitor to subscribe to. An account has one monitor of all services,
   * and newer accounts have it from the start; what an existing one finds comes by the event rule `cost-anomaly`.
   */
  readonly costAnomalyMonitor: string;
  readonly monthlyBudgetUsd: number;
}

/** Tells when AWS costs more than it should. */
export class Spending extends Construct {
  constructor(scope: Construct, id: string, props: SpendingProps) {
    super(scope, id);
    if (Stack.of(this).region !== HOME_REGION) return;
    this.budget(props);
    const monitorArn = this.monitor(props);
    if (monitorArn !== null) this.subscription(props, monitorArn);
  }

  private budget({ names, cost, monthlyBudgetUsd }: SpendingProps): void {
    const budget = new CfnBudget(this, 'Budget', {
      budget: {
        budgetName: names.accountWide('payment-budget'),
        budgetType: 'COST',
        timeUnit: 'MONTHLY',
        budgetLimit: { amount: monthlyBudgetUsd, unit: 'USD' },
      },
      notificationsWithSubscribers: BUDGET_ALERTS.map((alert) => ({
        notification: { ...alert, comparisonOperator: 'GREATER_THAN', thresholdType: 'PERCENTAGE' },
        subscribers: [{ subscriptionType: 'SNS', address: cost.topicArn }],
      })),
    });
    budget.node.addDependency(cost);
  }

  /** The ARN of the monitor to subscribe to; null if there is none. */
  private monitor({ names, costAnomalyMonitor }: SpendingProps): string | null {
    if (costAnomalyMonitor === 'off' || costAnomalyMonitor === 'existing') return null;
    if (costAnomalyMonitor !== 'create') return costAnomalyMonitor;
    return new CfnAnomalyMonitor(this, 'Monitor', {
      monitorName: names.accountWide('payment-services'),
      monitorType: 'DIMENSIONAL',
      monitorDimension: 'SERVICE',
    }).attrMonitorArn;
  }

  private subscription({ names, cost, monthlyBudgetUsd }: SpendingProps, monitorArn: string): void {
    const leastUsd = Math.max(LEAST_ANOMALY_USD, Math.round(monthlyBudgetUsd / 10));
    const subscription = new CfnAnomalySubscription(this, 'Subscription', {
      subscriptionName: names.accountWide('payment-anomalies'),
      // The only frequency that a topic may have.
      frequency: 'IMMEDIATE',
      monitorArnList: [monitorArn],
      subscribers: [{ type: 'SNS', address: cost.topicArn }],
      thresholdExpression: JSON.stringify({
        Dimensions: {
          Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE',
          MatchOptions: ['GREATER_THAN_OR_EQUAL'],
          Values: [String(leastUsd)],
        },
      }),
    });
    subscription.node.addDependency(cost);
  }
}
