import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { describe, expect, it } from 'vitest';
import { deployed, testNames, testStack } from '../stack.fixture.ts';
import { Network, type NetworkProps } from './network.ts';

function synthesised(props: Partial<NetworkProps> = {}): Template {
  const stack = testStack();
  const key = new Key(stack, 'Key');
  new Network(stack, 'Network', { names: testNames(), profile: 'dev', nat: 'gateway', key, ...props });
  return Template.fromStack(stack);
}

const [dev, prod] = [synthesised({ profile: 'dev' }), synthesised({ profile: 'prod' })];

function subnets(template: Template, name: string) {
  return Object.values(
    template.findResources('AWS::EC2::Subnet', {
      Properties: { Tags: Match.arrayWith([{ Key: 'aws-cdk:subnet-name', Value: name }]) },
    }),
  ).map(({ Properties }) => Properties);
}

describe('the network', () => {
  it('has a public and a private /24 in each of two zones, found without asking the account', () => {
    const template = dev;
    for (const name of ['public', 'private']) {
      const found = subnets(template, name);
      expect(found.map(({ AvailabilityZone }) => AvailabilityZone)).toEqual([
        { 'Fn::Select': [0, { 'Fn::GetAZs': '' }] },
        { 'Fn::Select': [1, { 'Fn::GetAZs': '' }] },
      ]);
      for (const { CidrBlock } of found) expect(CidrBlock).toMatch(/\/24$/);
    }
    template.hasResourceProperties('AWS::EC2::VPC', {
      Tags: Match.arrayWith([{ Key: 'Name', Value: 'payment-vpc-dev123' }]),
    });
  });

  it('gives no instance a public address on launch', () => {
    dev.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
  });

  it('leads every private subnet through the one NAT gateway', () => {
    const template = dev;
    template.resourceCountIs('AWS::EC2::NatGateway', 1);
    expect(Object.keys(template.findResources('AWS::EC2::Route', throughGateway))).toHaveLength(2);
  });

  it('reaches S3 and DynamoDB from the private subnets without the NAT', () => {
    const endpoints = Object.values(dev.findResources('AWS::EC2::VPCEndpoint'));
    expect(endpoints.map(({ Properties }) => Properties.VpcEndpointType)).toEqual(['Gateway', 'Gateway']);
    for (const { Properties } of endpoints) {
      const tables = Properties.RouteTableIds.map(deployed);
      expect(tables).toHaveLength(2);
      for (const table of tables) expect(table).toContain('privateSubnet');
    }
  });

  it('closes the default security group', () => {
    dev.resourceCountIs('Custom::VpcRestrictDefaultSG', 1);
  });

  it('logs who talked to whom, encrypted: refusals for a week in dev, everything for a year in prod', () => {
    dev.hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'REJECT' });
    dev.hasResource('AWS::Logs::LogGroup', { DeletionPolicy: 'Delete', Properties: { RetentionInDays: 7 } });
    prod.hasResourceProperties('AWS::EC2::FlowLog', { TrafficType: 'ALL' });
    prod.hasResource('AWS::Logs::LogGroup', {
      DeletionPolicy: 'RetainExceptOnCreate',
      Properties: { RetentionInDays: 365, KmsKeyId: Match.anyValue() },
    });
  });

  it('writes flow logs by a role that can write nothing else', () => {
    const template = dev;
    const [group] = Object.keys(template.findResources('AWS::Logs::LogGroup'));
    const [policy] = Object.values(template.findResources('AWS::IAM::ManagedPolicy'));
    const resources = policy?.Properties.PolicyDocument.Statement.map((each: { Resource: unknown }) =>
      deployed(each.Resource),
    );
    expect(resources).toEqual([`<${group}.Arn>`]);
    template.resourceCountIs('AWS::IAM::Policy', 0);
  });
});

describe('the security groups', () => {
  it.each(['lambda-sg-dev123', 'ec2-sg-dev123'])('%s lets nobody in, and HTTPS out', (GroupName) => {
    const [group] = Object.values(
      dev.findResources('AWS::EC2::SecurityGroup', { Properties: { GroupName } }),
    );
    expect(group?.Properties.SecurityGroupIngress).toBeUndefined();
    expect(group?.Properties.SecurityGroupEgress).toMatchObject([
      { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 },
    ]);
  });

  it('has no rule of its own that would open a group after all', () => {
    const template = dev;
    template.resourceCountIs('AWS::EC2::SecurityGroupIngress', 0);
    template.resourceCountIs('AWS::EC2::SecurityGroupEgress', 0);
  });
});

const throughGateway = {
  Properties: { DestinationCidrBlock: '0.0.0.0/0', NatGatewayId: Match.anyValue() },
};
