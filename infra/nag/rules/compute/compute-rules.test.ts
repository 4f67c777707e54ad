import { describe, expect, it } from 'vitest';
import { BAD, GOOD, verdict } from '../../rules.fixture.ts';
import { instanceMetadata } from './instance-metadata.ts';
import { launchTemplate } from './launch-template.ts';
import { publicAddress } from './public-address.ts';

const group = (Properties: Record<string, unknown>) => ({
  Group: { Type: 'AWS::AutoScaling::AutoScalingGroup', Properties },
});

describe('LaunchTemplate', () => {
  it('wants every instance started by one', () => {
    const instance = (Properties: Record<string, unknown>) => ({
      Instance: { Type: 'AWS::EC2::Instance', Properties },
    });
    const template = { LaunchTemplate: { LaunchTemplateId: 'lt-1' } };
    expect(verdict(launchTemplate, group(template))).toBe(GOOD);
    expect(verdict(launchTemplate, group({ MixedInstancesPolicy: template }))).toBe(GOOD);
    expect(verdict(launchTemplate, group({ LaunchConfigurationName: 'old' }))).toBe(BAD);
    expect(verdict(launchTemplate, { Old: { Type: 'AWS::AutoScaling::LaunchConfiguration' } })).toBe(BAD);
    expect(verdict(launchTemplate, instance(template))).toBe(GOOD);
    expect(verdict(launchTemplate, instance({ ImageId: 'ami-1' }))).toBe(BAD);
  });
});

describe('InstanceMetadata', () => {
  it('wants a token, and the answer to go one hop', () => {
    const of = (MetadataOptions?: Record<string, unknown>) =>
      verdict(instanceMetadata, {
        Template: {
          Type: 'AWS::EC2::LaunchTemplate',
          Properties: { LaunchTemplateData: { MetadataOptions } },
        },
      });
    expect(of({ HttpTokens: 'required', HttpPutResponseHopLimit: 1 })).toBe(GOOD);
    expect(of({ HttpTokens: 'optional', HttpPutResponseHopLimit: 1 })).toEqual(['HttpTokens']);
    expect(of({ HttpTokens: 'required', HttpPutResponseHopLimit: 2 })).toEqual(['HopLimit']);
    expect(of()).toEqual(['HttpTokens', 'HopLimit']);
  });
});

describe('PublicAddress', () => {
  it('wants none given at launch, by the subnet or by the template', () => {
    const subnet = (MapPublicIpOnLaunch?: boolean) => ({
      Subnet: { Type: 'AWS::EC2::Subnet', Properties: { MapPublicIpOnLaunch } },
    });
    const template = (AssociatePublicIpAddress: boolean) => ({
      Template: {
        Type: 'AWS::EC2::LaunchTemplate',
        Properties: { LaunchTemplateData: { NetworkInterfaces: [{ AssociatePublicIpAddress }] } },
      },
    });
    expect(verdict(publicAddress, subnet(false))).toBe(GOOD);
    expect(verdict(publicAddress, subnet())).toBe(GOOD);
    expect(verdict(publicAddress, subnet(true))).toBe(BAD);
    expect(verdict(publicAddress, template(false))).toBe(GOOD);
    expect(verdict(publicAddress, template(true))).toBe(BAD);
  });
});
