import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { LambdaApplication, LambdaDeploymentConfig, LambdaDeploymentGroup } from 'aws-cdk-lib/aws-codedeploy';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { PaymentFunction } from './payment-function.ts';

export interface CanaryDeploymentsProps {
  readonly names: Names;
  readonly profile: 'dev' | 'prod';
  readonly api: PaymentFunction;
  readonly worker: PaymentFunction;
  /**
   * Any of them takes a deployment back, ten at most. They must be about the functions by name, not about their
   * aliases: an alias waits for its deployment group, which waits for the alarms.
   */
  readonly alarms: readonly IAlarm[];
}

/** CodeDeploy's own limit. */
const MOST_ALARMS = 10;

/**
 * A new version of the API and of the worker gets a tenth of the work for five minutes, and the rest if no alarm goes
 * off. In `dev` all at once, by the same way, so that it is tried before production.
 */
export class CanaryDeployments extends Construct {
  readonly api: LambdaDeploymentGroup;
  readonly worker: LambdaDeploymentGroup;

  constructor(scope: Construct, id: string, props: CanaryDeploymentsProps) {
    super(scope, id);
    const { names, profile, api, worker, alarms } = props;
    if (alarms.length > MOST_ALARMS) {
      throw new Error(
        `${alarms.length} alarms were given; CodeDeploy watches ${MOST_ALARMS} at most. Give fewer.`,
      );
    }
    const application = new LambdaApplication(this, 'Application', {
      applicationName: names.of('payment-functions'),
    });
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codedeploy.amazonaws.com'),
      description: 'Lets CodeDeploy move traffic to new versions',
    });
    const policy = this.policy(role, [api, worker]);
    const group = (groupId: string, name: string, { alias }: PaymentFunction) => {
      const deployment = new LambdaDeploymentGroup(this, groupId, {
        application,
        deploymentGroupName: names.of(name),
        alias,
        // Otherwise the CDK adds a policy of AWS to it, which is for all functions of the account.
        role: role.withoutPolicyUpdates(),
        alarms: [...alarms],
        deploymentConfig:
          profile === 'prod'
            ? LambdaDeploymentConfig.CANARY_10PERCENT_5MINUTES
            : LambdaDeploymentConfig.ALL_AT_ONCE,
        autoRollback: {
          failedDeployment: true,
          stoppedDeployment: true,
          deploymentInAlarm: alarms.length > 0,
        },
      });
      // CodeDeploy checks the role when it is given a deployment group.
      deployment.node.addDependency(policy);
      return deployment;
    };
    this.api = group('Api', 'payment-processor', api);
    this.worker = group('Worker', 'event-handler', worker);
  }

  /** What `AWSCodeDeployRoleForLambdaLimited` allows on everything, on these two functions; hooks there are none. */
  private policy(role: Role, functions: readonly PaymentFunction[]): ManagedPolicy {
    // Not by reference: an alias waits for its group, the group for this, and a function may be told what is made after
    // the alias of another.
    const arns = functions.map(({ arnByName }) => arnByName);
    return new ManagedPolicy(this, 'Policy', {
      description: 'Lets CodeDeploy move traffic to new versions',
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ['lambda:GetAlias', 'lambda:GetProvisionedConcurrencyConfig', 'lambda:UpdateAlias'],
          resources: arns.flatMap((arn) => [arn, `${arn}:live`]),
        }),
        // It asks for the states of several at once, which is allowed on all alarms or on none.
        new PolicyStatement({
          actions: ['cloudwatch:DescribeAlarms'],
          resources: [
            Stack.of(this).formatArn({
              service: 'cloudwatch',
              resource: 'alarm',
              resourceName: '*',
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            }),
          ],
        }),
      ],
    });
  }
}
