import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { deployed, testStack } from '../stack.fixture.ts';
import { CanaryDeployments, type CanaryDeploymentsProps } from './canary-deployments.ts';
import { testFunctions } from './functions.fixture.ts';

function synthesised(profile: CanaryDeploymentsProps['profile'], alarmCount = 2) {
  const stack = testStack();
  const { parts, functions } = testFunctions(stack);
  const { api, worker } = functions;
  const alarms = Array.from({ length: alarmCount }, (_, n) =>
    api.fn.metricErrors().createAlarm(stack, `Alarm${n}`, { threshold: 1, evaluationPeriods: 1 }),
  );
  new CanaryDeployments(stack, 'Canary', { names: parts.names, profile, api, worker, alarms });
  const template = Template.fromStack(stack);
  const groups = Object.values(template.findResources('AWS::CodeDeploy::DeploymentGroup'));
  return { template, groups };
}

/** Synthesised once: nothing here changes it. */
const inProd = synthesised('prod');

describe('a new version of the API or the worker', () => {
  it('gets a tenth of the work for five minutes in prod', () => {
    expect(inProd.groups.map(({ Properties }) => Properties.DeploymentGroupName).sort()).toEqual([
      'event-handler-dev123',
      'payment-processor-dev123',
    ]);
    for (const { Properties } of inProd.groups) {
      expect(Properties.DeploymentConfigName).toBe('CodeDeployDefault.LambdaCanary10Percent5Minutes');
    }
  });

  it('gets all of it at once in dev, by the same way', () => {
    const { groups } = synthesised('dev');
    expect(groups).toHaveLength(2);
    for (const { Properties } of groups) {
      expect(Properties.DeploymentConfigName).toBe('CodeDeployDefault.LambdaAllAtOnce');
    }
  });

  it('is taken back when it fails, is stopped, or an alarm goes off', () => {
    for (const { Properties } of inProd.groups) {
      expect(Properties.AutoRollbackConfiguration).toEqual({
        Enabled: true,
        Events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_REQUEST', 'DEPLOYMENT_STOP_ON_ALARM'],
      });
      expect(Properties.AlarmConfiguration.Enabled).toBe(true);
      expect(Properties.AlarmConfiguration.Alarms).toHaveLength(2);
    }
  });

  it('takes over by its alias, of which there are two that CodeDeploy moves', () => {
    const moved = Object.entries(inProd.template.findResources('AWS::Lambda::Alias')).filter(
      ([, { UpdatePolicy }]) => UpdatePolicy?.CodeDeployLambdaAliasUpdate,
    );
    expect(moved.map(([id]) => id.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual([
      'FunctionsApiAlias',
      'FunctionsWorkerAlias',
    ]);
  });
});

describe('CodeDeploy', () => {
  it('may move these two aliases, and look at alarms', () => {
    const policies = Object.entries(inProd.template.findResources('AWS::IAM::ManagedPolicy')).filter(([id]) =>
      id.startsWith('Canary'),
    );
    const [aliases, alarms] = policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement);
    expect(aliases.Action).toEqual([
      'lambda:GetAlias',
      'lambda:GetProvisionedConcurrencyConfig',
      'lambda:UpdateAlias',
    ]);
    expect(aliases.Resource.map(deployed)).toHaveLength(4);
    for (const arn of aliases.Resource.map(deployed)) {
      expect(arn).toMatch(/:function:(payment-processor|event-handler)-dev123(:live)?$/);
    }
    expect(alarms.Action).toBe('cloudwatch:DescribeAlarms');
    expect(deployed(alarms.Resource)).toBe('arn:aws:cloudwatch:us-east-1:123456789012:alarm:*');
  });

  it('has that and nothing of AWS, before it is given anything to deploy', () => {
    const { template, groups } = inProd;
    const [id] = Object.keys(template.findResources('AWS::IAM::ManagedPolicy')).filter((id) =>
      id.startsWith('Canary'),
    );
    expect(JSON.stringify(template.findResources('AWS::IAM::Role'))).not.toContain('AWSCodeDeployRole');
    for (const { DependsOn } of groups) expect(DependsOn).toContain(id);
  });

  it('is not given more alarms than it watches', () => {
    expect(() => synthesised('prod', 11)).toThrow('11 alarms were given; CodeDeploy watches 10 at most.');
  });
});
