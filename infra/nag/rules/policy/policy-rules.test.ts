import { describe, expect, it } from 'vitest';
import { GOOD, NOT_CONCERNED, verdict } from '../../rules.fixture.ts';
import { iamActions } from './iam-actions.ts';
import { iamResources } from './iam-resources.ts';

const policy = (...Statement: unknown[]) => ({
  Policy: { Type: 'AWS::IAM::ManagedPolicy', Properties: { PolicyDocument: { Statement } } },
});
const allow = (Action: unknown, Resource: unknown = 'arn:aws:dynamodb:us-east-1:1:table/t') => ({
  Effect: 'Allow',
  Action,
  Resource,
});
const assumedBy = {
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: '*' }],
};

describe('IamActions', () => {
  const of = (...statements: unknown[]) => verdict(iamActions, policy(...statements));

  it('wants actions that exist, one by one', () => {
    expect(of(allow(['dynamodb:PutItem', 'dynamodb:GetItem']))).toBe(GOOD);
    expect(of(allow('dynamodb:TransactWriteItems'))).toEqual(['Action::dynamodb:TransactWriteItems']);
    expect(of(allow(['s3:GetObject', 's3:HeadObject']))).toEqual(['Action::s3:HeadObject']);
    expect(of(allow('dynamodb:*'))).toEqual(['Action::dynamodb:*']);
    expect(of(allow('*'))).toEqual(['Action::*']);
  });

  it('refuses to allow all but something', () => {
    expect(of({ Effect: 'Allow', NotAction: 'iam:*', Resource: 'x' })).toEqual(['NotAction']);
    expect(of({ Effect: 'Allow', Action: 's3:GetObject', NotResource: 'x' })).toEqual(['NotAction']);
  });

  it('lets a policy deny as much as it likes', () => {
    expect(of({ Effect: 'Deny', Action: '*', Resource: '*' })).toBe(GOOD);
  });

  it('reads the policies inside a role, but not who may assume it', () => {
    const role = (Policies: unknown) => ({
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: assumedBy, Policies } },
    });
    const inside = [{ PolicyName: 'p', PolicyDocument: { Statement: allow('sqs:*') } }];
    expect(verdict(iamActions, role(undefined))).toBe(GOOD);
    expect(verdict(iamActions, role(inside))).toEqual(['Action::sqs:*']);
  });

  it('does not concern the policy of a key, where * is the key itself', () => {
    const keyPolicy = { KeyPolicy: { Statement: [allow('kms:*', '*')] } };
    expect(verdict(iamActions, { Key: { Type: 'AWS::KMS::Key', Properties: keyPolicy } })).toBe(
      NOT_CONCERNED,
    );
  });
});

describe('IamResources', () => {
  const of = (...statements: unknown[]) => verdict(iamResources, policy(...statements));

  it('allows every resource only to actions for which AWS has none', () => {
    expect(of(allow(['xray:PutTraceSegments', 'ec2:Describe*', 'ec2:DescribeSubnets'], '*'))).toBe(GOOD);
    expect(of(allow(['sqs:SendMessage', 'xray:PutTraceSegments'], ['*']))).toEqual(['sqs:SendMessage']);
    expect(of(allow('sqs:SendMessage', { 'Fn::GetAtt': ['Queue', 'Arn'] }))).toBe(GOOD);
  });

  it('does not let a wildcard stand for the actions that need no resource', () => {
    expect(of(allow('ec2:*', '*'))).toEqual(['ec2:*']);
    expect(of(allow('xray:*', '*'))).toEqual(['xray:*']);
  });
});
