import { spawnSync } from 'node:child_process';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { deployed, testNames, testStack } from '../stack.fixture.ts';
import { natSetup } from './nat-setup.ts';
import { Network } from './network.ts';

function synthesised({ notices = false } = {}): Template {
  const stack = testStack();
  new Network(stack, 'Network', {
    names: testNames(),
    profile: 'dev',
    nat: 'instance',
    key: new Key(stack, 'Key'),
    ...(notices && { notices: new Topic(stack, 'Topic') }),
  });
  return Template.fromStack(stack);
}

/** The logical id of the only resource of a type. */
function idOf(template: Template, type: string): string {
  const ids = Object.keys(template.findResources(type));
  expect(ids).toHaveLength(1);
  return ids[0] as string;
}

const template = synthesised();
const INTERFACE = 'AWS::EC2::NetworkInterface';
const GROUP = 'AWS::AutoScaling::AutoScalingGroup';
const TEMPLATE = 'AWS::EC2::LaunchTemplate';

describe('the NAT instance', () => {
  it('stands in for the NAT gateway: both private subnets route to its network interface', () => {
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    const target = { 'Fn::GetAtt': [idOf(template, INTERFACE), 'Id'] };
    const routes = template.findResources('AWS::EC2::Route', {
      Properties: { DestinationCidrBlock: '0.0.0.0/0', NetworkInterfaceId: target },
    });
    const tables = Object.values(routes).map(({ Properties }) => deployed(Properties.RouteTableId));
    expect(tables).toEqual([
      expect.stringContaining('privateSubnet1'),
      expect.stringContaining('privateSubnet2'),
    ]);
  });

  it('forwards before there is a route to it, so that whoever waits for the route finds the internet', () => {
    const routes = template.findResources('AWS::EC2::Route', {
      Properties: { NetworkInterfaceId: Match.anyValue() },
    });
    const waits = Object.values(routes).map(({ DependsOn }) => DependsOn);
    expect(waits).toEqual([[idOf(template, GROUP)], [idOf(template, GROUP)]]);
  });

  it('comes up on an interface that outlives it and forwards what is not its own', () => {
    template.hasResourceProperties(INTERFACE, { SourceDestCheck: false });
    template.hasResourceProperties(TEMPLATE, {
      LaunchTemplateData: {
        NetworkInterfaces: [
          {
            DeviceIndex: 0,
            NetworkInterfaceId: { 'Fn::GetAtt': [idOf(template, INTERFACE), 'Id'] },
            DeleteOnTermination: false,
          },
        ],
        // Auto Scaling refuses groups beside an interface.
        SecurityGroupIds: Match.absent(),
      },
    });
  });

  it('has its public address before the first boot, which needs it to set itself up', () => {
    const association = idOf(template, 'AWS::EC2::EIPAssociation');
    template.hasResourceProperties('AWS::EC2::EIPAssociation', {
      NetworkInterfaceId: { 'Fn::GetAtt': [idOf(template, INTERFACE), 'Id'] },
      AllocationId: { 'Fn::GetAtt': [idOf(template, 'AWS::EC2::EIP'), 'AllocationId'] },
    });
    template.hasResource(GROUP, { DependsOn: Match.arrayWith([association]) });
    template.hasResource('AWS::EC2::EIP', {
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('publicSubnet1DefaultRoute')]),
    });
  });

  it('is one of a group that replaces it, in the zone of its interface and not by subnet', () => {
    template.hasResourceProperties(GROUP, {
      MinSize: '1',
      MaxSize: '1',
      HealthCheckType: 'EC2',
      AvailabilityZones: [{ 'Fn::Select': [0, { 'Fn::GetAZs': '' }] }],
      VPCZoneIdentifier: Match.absent(),
    });
  });

  it('leaves before its replacement comes, since two cannot have the interface', () => {
    template.hasResource(GROUP, {
      CreationPolicy: { ResourceSignal: { Count: 1 } },
      UpdatePolicy: {
        AutoScalingRollingUpdate: { MinInstancesInService: 0, MaxBatchSize: 1, WaitOnResourceSignals: true },
      },
    });
  });

  it('is small, Graviton, and of an image that is looked up at each launch', () => {
    template.hasResourceProperties(TEMPLATE, {
      LaunchTemplateData: {
        InstanceType: 't4g.nano',
        ImageId: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64',
        CreditSpecification: { CpuCredits: 'standard' },
      },
    });
  });

  it('keeps its credentials behind IMDSv2 and one hop, and its disk encrypted', () => {
    template.hasResourceProperties(TEMPLATE, {
      LaunchTemplateData: {
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1 },
        BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { Encrypted: true, VolumeType: 'gp3' } }],
      },
    });
  });

  it('lets HTTPS in from the private subnets and nothing from outside', () => {
    const [group] = Object.values(
      template.findResources('AWS::EC2::SecurityGroup', { Properties: { GroupName: 'nat-sg-dev123' } }),
    );
    const isPrivate = {
      Properties: { Tags: Match.arrayWith([{ Key: 'aws-cdk:subnet-name', Value: 'private' }]) },
    };
    const blocks = Object.values(template.findResources('AWS::EC2::Subnet', isPrivate)).map(
      ({ Properties }) => Properties.CidrBlock,
    );
    expect(group?.Properties.SecurityGroupIngress).toMatchObject(
      blocks.map((CidrIp) => ({ CidrIp, IpProtocol: 'tcp', FromPort: 443, ToPort: 443 })),
    );
    expect(group?.Properties.SecurityGroupEgress).toMatchObject([
      { IpProtocol: 'tcp', FromPort: 443, ToPort: 443 },
    ]);
  });

  it('needs neither a public address on launch nor a launch configuration', () => {
    template.allResourcesProperties('AWS::EC2::Subnet', { MapPublicIpOnLaunch: false });
    template.resourceCountIs('AWS::AutoScaling::LaunchConfiguration', 0);
  });

  it('reports launches and losses if somebody is to hear of them', () => {
    synthesised({ notices: true }).hasResourceProperties(GROUP, {
      NotificationConfigurations: [
        {
          NotificationTypes: Match.arrayWith(['autoscaling:EC2_INSTANCE_LAUNCH_ERROR']),
          TopicARN: Match.anyValue(),
        },
      ],
    });
    template.hasResourceProperties(GROUP, { NotificationConfigurations: Match.absent() });
  });

  it('signals the group that waits for it', () => {
    const [launch] = Object.values(template.findResources(TEMPLATE));
    const script = deployed(launch?.Properties.LaunchTemplateData.UserData['Fn::Base64']);
    expect(script).toContain(`--stack Test --resource ${idOf(template, GROUP)} --region us-east-1`);
  });
});

describe('its first boot', () => {
  const lines = natSetup({
    cidrBlocks: ['10.0.2.0/24', '10.0.3.0/24'],
    stack: 'Payments',
    resource: 'Group',
    region: 'us-east-1',
  });
  const script = lines.join('\n');

  it('is a script that Bash can read', () => {
    const { status, stderr } = spawnSync('bash', ['-n'], { input: script, encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('stops at the first failure and signals how it ended', () => {
    expect(lines[0]).toBe('set -euo pipefail');
    expect(lines[1]).toMatch(/^trap 'code=\$\?; .*cfn-signal --exit-code "\$code" .*' EXIT$/);
  });

  it('makes swap before it starts the package manager, for which 512 MiB are too few', () => {
    expect(script.indexOf('swapon')).toBeLessThan(script.indexOf('dnf install'));
    expect(script.indexOf('swapon')).toBeGreaterThan(0);
  });

  it('forwards and hides the private subnets’ HTTPS, and drops whatever else is to be forwarded', () => {
    expect(script).toContain('net.ipv4.ip_forward = 1');
    expect(script).toContain('type filter hook forward priority filter; policy drop;');
    expect(script).toContain('ip saddr { 10.0.2.0/24, 10.0.3.0/24 } tcp dport 443 accept');
    expect(script).toContain('ip saddr { 10.0.2.0/24, 10.0.3.0/24 } masquerade');
  });
});
