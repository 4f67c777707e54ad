import { Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { createPermissions, type PaymentPlaces } from './function-permissions.ts';

export interface FleetRoleProps {
  readonly names: Names;
  readonly places: PaymentPlaces;
  readonly logGroup: ILogGroup;
  readonly bundle: Asset;
}

/** What the worker on an instance may do: what the Lambda worker may, and let an operator in by Session Manager. */
export class FleetRole extends Construct {
  readonly role: Role;

  constructor(scope: Construct, id: string, { names, places, logGroup, bundle }: FleetRoleProps) {
    super(scope, id);
    const may = createPermissions(this, places);

    this.role = new Role(this, 'Role', {
      roleName: names.accountWide('payment-fleet'),
      description: 'The EC2 fleet that works off the payment queue',
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
    });

    new ManagedPolicy(this, 'Work', {
      managedPolicyName: names.accountWide('payment-fleet-work'),
      description: 'Takes work from the queue, asks the PSP, records the outcome',
      roles: [this.role],
      statements: [
        ...may.consume(),
        ...may.send(),
        ...may.changePayments(),
        ...may.listDeadLetters(),
        ...may.readSecret(),
        ...may.useSimulator(),
        new PolicyStatement({
          actions: ['s3:GetObject'],
          resources: [bundle.bucket.arnForObjects(bundle.s3ObjectKey)],
        }),
        new PolicyStatement({
          actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
          resources: [logGroup.logGroupArn],
        }),
      ],
    });

    // Apart from the rest: these have no resource level, or none that is known before, so here alone are wildcards.
    new ManagedPolicy(this, 'Operate', {
      managedPolicyName: names.accountWide('payment-fleet-operate'),
      description: 'The instance measures its memory, and lets an operator in by Session Manager',
      roles: [this.role],
      statements: [
        new PolicyStatement({
          sid: 'Memory',
          actions: ['cloudwatch:PutMetricData'],
          resources: ['*'],
          conditions: { StringEquals: { 'cloudwatch:namespace': 'CWAgent' } },
        }),
        // Of AmazonSSMManagedInstanceCore what Session Manager and Run Command need, and nothing of Parameter Store:
        // the managed policy reads every parameter of the account.
        new PolicyStatement({
          sid: 'Register',
          actions: ['ssm:UpdateInstanceInformation'],
          // An instance's id is known only when it runs.
          resources: [Stack.of(this).formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' })],
        }),
        new PolicyStatement({
          sid: 'SessionManager',
          actions: [
            'ssmmessages:CreateControlChannel',
            'ssmmessages:CreateDataChannel',
            'ssmmessages:OpenControlChannel',
            'ssmmessages:OpenDataChannel',
          ],
          resources: ['*'],
        }),
      ],
    });
  }
}
