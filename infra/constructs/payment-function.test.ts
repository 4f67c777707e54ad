import { Duration, type Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { describe, expect, it } from 'vitest';
import { deployed, testStack } from '../stack.fixture.ts';
import { functionParts, someCode } from './functions.fixture.ts';
import { functionBasics, PaymentFunction, type PaymentFunctionProps } from './payment-function.ts';

function aFunction(given: (stack: Stack) => Partial<PaymentFunctionProps> = () => ({})) {
  const stack = testStack();
  const { names, profile, key, vpc, subnets, securityGroup } = functionParts(stack);
  const made = new PaymentFunction(stack, 'Made', {
    names,
    profile,
    key,
    vpc,
    subnets,
    securityGroup,
    name: 'payment-thing',
    description: 'A thing',
    codeFolder: someCode(),
    memoryMb: 256,
    timeout: Duration.seconds(9),
    environment: { SETTING: 'value' },
    statements: [new PolicyStatement({ actions: ['s3:GetObject'], resources: ['arn:aws:s3:::x/y'] })],
    sharedPolicies: [functionBasics(stack, 'Basics')],
    ...given(stack),
  });
  const template = Template.fromStack(stack);
  const [, resource] = Object.entries(
    template.findResources('AWS::Lambda::Function', { Properties: { FunctionName: 'payment-thing-dev123' } }),
  )[0] as [string, { Properties: Record<string, unknown>; DependsOn: string[] }];
  return { made, template, resource, properties: resource.Properties };
}

/** Synthesised once: nothing here changes it. */
const standard = aFunction();

describe('a function', () => {
  it('runs on Node 24 and arm64, with its code, memory, time and settings', () => {
    expect(standard.properties).toMatchObject({
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      MemorySize: 256,
      Timeout: 9,
      Environment: { Variables: { SETTING: 'value' } },
    });
  });

  it('is in the private subnets, behind the group that it was given', () => {
    const { VpcConfig } = standard.properties as { VpcConfig: Record<string, unknown[]> };
    expect(VpcConfig.SecurityGroupIds?.map(deployed)).toEqual([expect.stringMatching(/^<Group.*GroupId>$/)]);
    expect(VpcConfig.SubnetIds?.map(deployed)).toEqual([
      expect.stringContaining('Private'),
      expect.stringContaining('Private'),
    ]);
  });

  it('is invoked by an alias of a version, so that a new one can take over by steps', () => {
    const { template, made } = standard;
    template.hasResourceProperties('AWS::Lambda::Alias', {
      Name: 'live',
      FunctionVersion: { 'Fn::GetAtt': [Match.stringLikeRegexp('CurrentVersion'), 'Version'] },
    });
    expect(made.alias.aliasName).toBe('live');
  });

  it('is traced, and writes JSON without what the platform says of each invocation', () => {
    expect(standard.properties).toMatchObject({
      TracingConfig: { Mode: 'Active' },
      LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' },
    });
  });

  it('reserves executions only if it is told to', () => {
    expect(standard.properties.ReservedConcurrentExecutions).toBeUndefined();
    const reserved = aFunction(() => ({ reservedConcurrency: 7 }));
    expect(reserved.properties.ReservedConcurrentExecutions).toBe(7);
  });
});

describe("a function's logs", () => {
  const logs = { LogGroupName: '/aws/lambda/payment-thing-dev123' };

  it('are encrypted by the customer-managed key and go to the group of the function', () => {
    const { template, properties } = standard;
    template.hasResourceProperties('AWS::Logs::LogGroup', {
      ...logs,
      KmsKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
    });
    const { LogGroup } = properties.LoggingConfig as { LogGroup: unknown };
    expect(deployed(LogGroup)).toMatch(/^<MadeLogs/);
  });

  it('are kept for a week and go with the stack in dev', () => {
    const found = standard.template.findResources('AWS::Logs::LogGroup', { Properties: logs });
    expect(Object.values(found)).toMatchObject([
      { DeletionPolicy: 'Delete', Properties: { RetentionInDays: 7 } },
    ]);
  });

  it('are kept for twelve months in prod, even after the stack, but not after a first deployment that failed', () => {
    const found = aFunction(() => ({ profile: 'prod' as const })).template.findResources(
      'AWS::Logs::LogGroup',
      { Properties: logs },
    );
    expect(Object.values(found)).toMatchObject([
      { DeletionPolicy: 'RetainExceptOnCreate', Properties: { RetentionInDays: 365 } },
    ]);
  });
});

describe("a function's role", () => {
  it('has no inline policy and none of AWS', () => {
    const { template } = aFunction((stack) => ({ failedInvocations: new Queue(stack, 'Failed') }));
    template.resourceCountIs('AWS::IAM::Policy', 0);
    for (const { Properties } of Object.values(template.findResources('AWS::IAM::Role'))) {
      if (JSON.stringify(Properties).includes('lambda.amazonaws.com') && !Properties.Description) continue;
      expect(Properties.Policies).toBeUndefined();
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  it('is complete before the function is made, since Lambda then tries the network', () => {
    const { template, resource } = standard;
    const policies = Object.keys(template.findResources('AWS::IAM::ManagedPolicy'));
    expect(policies).toHaveLength(2);
    expect(resource.DependsOn).toEqual(expect.arrayContaining(policies));
  });

  it('lets Lambda make network interfaces, and the code in the function not', () => {
    const { template } = standard;
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Effect: 'Deny',
            Action: Match.arrayWith(['ec2:CreateNetworkInterface']),
            Condition: { ArnEquals: { 'lambda:SourceFunctionArn': Match.anyValue() } },
          }),
        ]),
      },
    });
    const [own] = Object.entries(template.findResources('AWS::IAM::ManagedPolicy')).filter(([id]) =>
      id.startsWith('Made'),
    );
    const denied = own?.[1].Properties.PolicyDocument.Statement.find(
      ({ Effect }: { Effect: string }) => Effect === 'Deny',
    );
    expect(deployed(denied.Condition.ArnEquals['lambda:SourceFunctionArn'])).toBe(
      'arn:aws:lambda:us-east-1:123456789012:function:payment-thing-dev123',
    );
  });

  it('writes to its own log group only', () => {
    const text = JSON.stringify(standard.template.findResources('AWS::IAM::ManagedPolicy'));
    expect(
      text.match(/"logs:PutLogEvents"\],"Effect":"Allow","Resource":\{"Fn::GetAtt":\["MadeLogs/g),
    ).toHaveLength(1);
    expect(text).not.toContain('logs:CreateLogGroup');
  });
});

describe('invocations that failed for good', () => {
  it('go to the queue that was given, which the role may write to under its key', () => {
    const { properties, template } = aFunction((stack) => ({
      failedInvocations: new Queue(stack, 'Failed', { encryption: QueueEncryption.KMS }),
    }));
    const { TargetArn } = properties.DeadLetterConfig as { TargetArn: unknown };
    expect(deployed(TargetArn)).toMatch(/^<Failed.*\.Arn>$/);
    template.hasResourceProperties('AWS::IAM::ManagedPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Action: 'sqs:SendMessage',
            Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Failed'), 'Arn'] },
          }),
          Match.objectLike({ Action: ['kms:Decrypt', 'kms:GenerateDataKey'] }),
        ]),
      },
    });
  });

  it('go nowhere where the function is not invoked asynchronously', () => {
    expect(standard.properties.DeadLetterConfig).toBeUndefined();
  });
});
