import { at, flatText, items } from '../nag/template-values.ts';
import { type Expected, unless, wants } from './differences.ts';
import type { TemplateCheck } from './template-check.ts';
import type { TemplateModel } from './template-model.ts';

/** The launch template's user data, as the instance will read it. */
function userData(template: TemplateModel): string {
  const made = template.named('AWS::AutoScaling::AutoScalingGroup', 'payment-asg');
  const [launch] = template.referred(made?.properties, 'AWS::EC2::LaunchTemplate');
  return flatText(at(launch?.properties, 'LaunchTemplateData', 'UserData', 'Fn::Base64'));
}

export const FLEET_CHECKS: readonly TemplateCheck[] = [
  {
    says: 'row 12: payment-asg has at most 5 instances, at least 0 in dev and 1 in prod, and no desired capacity',
    find: (template, { profile }) =>
      wants(template.named('AWS::AutoScaling::AutoScalingGroup', 'payment-asg'), 'payment-asg', {
        MinSize: profile === 'prod' ? '1' : '0',
        MaxSize: '5',
        DesiredCapacity: null,
      }),
  },
  {
    says: 'row 12: instances are t4g.small with IMDSv2, one hop, an encrypted gp3 disk, and figures by the minute',
    find(template) {
      const group = template.named('AWS::AutoScaling::AutoScalingGroup', 'payment-asg');
      const [launch] = template.referred(group?.properties, 'AWS::EC2::LaunchTemplate');
      const expected: Expected = {
        LaunchTemplateData: {
          InstanceType: 't4g.small',
          MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
          BlockDeviceMappings: [{ Ebs: { Encrypted: true, VolumeType: 'gp3' } }],
          Monitoring: { Enabled: true },
        },
      };
      return wants(launch, 'launch template', expected);
    },
  },
  {
    says: 'row 12: dev runs on spot, prod on demand',
    find: (template, { profile }) =>
      wants(
        template.named('AWS::AutoScaling::AutoScalingGroup', 'payment-asg'),
        'payment-asg',
        profile === 'prod'
          ? { MixedInstancesPolicy: null }
          : { MixedInstancesPolicy: { InstancesDistribution: { OnDemandPercentageAboveBaseCapacity: 0 } } },
      ),
  },
  {
    says: 'row 12: it grows at 70 % CPU, at 60 and 75 % memory, and by the backlog of each instance',
    find(template) {
      const policies = template.ofType('AWS::AutoScaling::ScalingPolicy').map(({ properties }) => properties);
      const targets = policies.map((policy) => at(policy, 'TargetTrackingConfiguration', 'TargetValue'));
      const memory = template
        .ofType('AWS::CloudWatch::Alarm')
        .find(
          ({ properties }) =>
            at(properties, 'MetricName') === 'mem_used_percent' && at(properties, 'AlarmName') === undefined,
        );
      const steps = template.referred(
        at(memory?.properties, 'AlarmActions'),
        'AWS::AutoScaling::ScalingPolicy',
      )[0];
      return [
        ...unless(targets.includes(70), 'no CPU target of 70 %'),
        ...wants(memory, 'alarm on memory', {
          Threshold: 60,
          Namespace: 'CWAgent',
          Dimensions: [{ Name: 'AutoScalingGroupName' }],
        }),
        ...wants(steps, 'steps by memory', {
          StepAdjustments: [
            { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 15, ScalingAdjustment: 1 },
            { MetricIntervalLowerBound: 15, ScalingAdjustment: 2 },
          ],
        }),
        ...unless(
          template
            .ofType('AWS::CloudWatch::Alarm')
            .some(({ properties }) =>
              /visible \/ instances/.test(JSON.stringify(at(properties, 'Metrics') ?? '')),
            ),
          'no alarm on the backlog of an instance',
        ),
      ];
    },
  },
  {
    says: 'row 12: an instance runs the worker as a service, measures its memory by group, and tells when it is well',
    find(template) {
      const text = userData(template);
      const wanted = {
        'the worker': 'tollgate-worker.service',
        'Node 24': 'nodejs24',
        'the agent’s figure by group': '"aggregation_dimensions"',
        'cfn-signal': 'cfn-signal',
      };
      return Object.entries(wanted).flatMap(([what, words]) => unless(text.includes(words), `no ${what}`));
    },
  },
  {
    says: 'row 12: a rolling update replaces one instance at a time and waits for its signal',
    find(template) {
      const group = template.named('AWS::AutoScaling::AutoScalingGroup', 'payment-asg');
      const policy = at(group?.body, 'UpdatePolicy', 'AutoScalingRollingUpdate');
      return [
        ...unless(at(policy, 'WaitOnResourceSignals') === true, 'an update does not wait'),
        ...unless(at(policy, 'MaxBatchSize') === 1, 'an update replaces several at once'),
      ];
    },
  },
  {
    says: 'row 12: an operator gets in by Session Manager, without AWS’s own policy, which reads every parameter',
    find(template) {
      const policies = template
        .ofType('AWS::IAM::ManagedPolicy')
        .filter(({ properties }) => /FleetRole/.test(JSON.stringify(at(properties, 'Roles') ?? '')));
      const text = JSON.stringify(policies);
      return [
        ...unless(text.includes('ssmmessages:OpenDataChannel'), 'no Session Manager'),
        ...unless(!/ssm:GetParameter/.test(text), 'the fleet reads parameters'),
      ];
    },
  },
  {
    says: 'trap: launch templates only, all with IMDSv2 and encrypted disks',
    find: (template) => [
      ...unless(
        template.ofType('AWS::AutoScaling::LaunchConfiguration').length === 0 &&
          template
            .ofType('AWS::AutoScaling::AutoScalingGroup')
            .every(({ properties }) => at(properties, 'LaunchConfigurationName') === undefined),
        'a launch configuration',
      ),
      ...template.ofType('AWS::EC2::LaunchTemplate').flatMap((launch) => {
        const data = at(launch.properties, 'LaunchTemplateData');
        return [
          ...unless(at(data, 'MetadataOptions', 'HttpTokens') === 'required', `${launch.id} takes IMDSv1`),
          ...items(at(data, 'BlockDeviceMappings')).flatMap((disk) =>
            unless(at(disk, 'Ebs', 'Encrypted') === true, `${launch.id} has a plain disk`),
          ),
        ];
      }),
    ],
  },
];
