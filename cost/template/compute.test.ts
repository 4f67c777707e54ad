import { describe, expect, it } from 'vitest';
import { ref, resource, standing } from './template.fixture.ts';

const HOURS = 730;

function group(properties: object = {}) {
  return resource('AWS::AutoScaling::AutoScalingGroup', {
    AutoScalingGroupName: 'payment-nat-dev',
    MinSize: '1',
    LaunchTemplate: { LaunchTemplateId: ref('Machine') },
    ...properties,
  });
}

function machine(data: object = {}) {
  const BlockDeviceMappings = [{ Ebs: { VolumeType: 'gp3', VolumeSize: 8 } }];
  const LaunchTemplateData = { InstanceType: 't4g.nano', BlockDeviceMappings, ...data };
  return resource('AWS::EC2::LaunchTemplate', { LaunchTemplateData });
}

function agent({
  host = false,
  aggregated = true,
  measurement = ['mem_used_percent'],
  resources,
}: {
  host?: boolean;
  aggregated?: boolean;
  measurement?: string[];
  resources?: string[];
} = {}) {
  const config = {
    agent: { omit_hostname: !host },
    metrics: {
      ...(aggregated && { aggregation_dimensions: [['AutoScalingGroupName']] }),
      metrics_collected: {
        mem: {
          measurement,
          ...(resources && { resources }),
          append_dimensions: { AutoScalingGroupName: 'asg' },
        },
      },
    },
  };
  const script = `dnf install amazon-cloudwatch-agent\ncat > a.json <<'END'\n${JSON.stringify(config, null, 2)}\nEND\n`;
  return { UserData: { 'Fn::Base64': { 'Fn::Join': ['', [script, ref('Logs')]] } } };
}

describe('Servers', () => {
  it('cost their hours and their disks, as many as the group has at least', () => {
    const { quantities, fixed, unknown } = standing({ Group: group({ MinSize: '2' }), Machine: machine() });
    expect(quantities).toEqual([
      ['ec2.t4g.nano', 2 * HOURS],
      ['ebs.gp3', 16],
    ]);
    expect(fixed.map(({ component }) => component)).toEqual(['network', 'network']);
    expect(unknown).toEqual([]);
  });

  it('are as many as are wanted, where that is said', () => {
    const Group = group({ DesiredCapacity: '3' });
    expect(standing({ Group, Machine: machine() }).quantities[0]).toEqual(['ec2.t4g.nano', 3 * HOURS]);
  });

  it('cost nothing where a group may be empty', () => {
    expect(standing({ Group: group({ MinSize: '0' }), Machine: machine() }).quantities).toEqual([]);
  });

  it('of the fleet are one at least if nobody else takes work', () => {
    const Group = group({ MinSize: '0', AutoScalingGroupName: 'payment-asg-dev' });
    const { quantities, fixed } = standing({ Group, Machine: machine() });
    expect(quantities[0]).toEqual(['ec2.t4g.nano', HOURS]);
    expect(fixed[0]?.component).toBe('fleet');
  });

  it('of a mixed group cost the price of spot instances beyond those that are wanted on demand', () => {
    const mixed = (InstancesDistribution: object) =>
      group({
        MinSize: '4',
        LaunchTemplate: undefined,
        MixedInstancesPolicy: {
          InstancesDistribution,
          LaunchTemplate: {
            LaunchTemplateSpecification: { LaunchTemplateId: ref('Machine') },
            Overrides: [{ InstanceType: 't4g.small' }, { InstanceType: 't4g.large' }],
          },
        },
      });
    const all = { OnDemandBaseCapacity: 0, OnDemandPercentageAboveBaseCapacity: 0 };
    const prices = (distribution: object) =>
      standing({ Group: mixed(distribution), Machine: machine() }).quantities.slice(0, -1);
    expect(prices(all)).toEqual([['ec2.spot.t4g.small', 4 * HOURS]]);
    expect(prices({ OnDemandBaseCapacity: 1, OnDemandPercentageAboveBaseCapacity: 50 })).toEqual([
      ['ec2.t4g.small', 3 * HOURS],
      ['ec2.spot.t4g.small', HOURS],
    ]);
    expect(prices({})).toEqual([['ec2.t4g.small', 4 * HOURS]]);
  });

  it('have the image’s disk where they name none', () => {
    const { fixed } = standing({ Group: group(), Machine: machine({ BlockDeviceMappings: undefined }) });
    expect(fixed[1]).toMatchObject({ price: 'ebs.gp3', quantity: 8, basis: 'assumed' });
  });

  it.each([
    { VolumeType: 'io2', VolumeSize: 8 },
    { VolumeType: 'gp3', VolumeSize: 8, Iops: 16_000 },
    { VolumeType: 'gp3', VolumeSize: 8, Throughput: 500 },
    { VolumeSize: 8 },
  ])('with the disk %o are not known', (Ebs) => {
    const { unknown } = standing({ Group: group(), Machine: machine({ BlockDeviceMappings: [{ Ebs }] }) });
    expect(unknown).toMatchObject([{ logicalId: 'Group', why: expect.stringContaining('not a plain gp3') }]);
  });

  it('of a launch template that is not there are not known', () => {
    expect(standing({ Group: group() }).unknown).toMatchObject([{ logicalId: 'Group' }]);
  });

  it('pay for public addresses that they are given, not for those of an interface that is there', () => {
    const priced = (NetworkInterfaces: object[] | undefined, more = {}) =>
      standing({
        Group: group({ VPCZoneIdentifier: [ref('Subnet')] }),
        Machine: machine({ NetworkInterfaces }),
        ...more,
      }).quantities.filter(([price]) => price === 'ipv4');
    const Subnet = resource('AWS::EC2::Subnet', { MapPublicIpOnLaunch: true });
    expect(priced([{ AssociatePublicIpAddress: true }])).toEqual([['ipv4', HOURS]]);
    expect(priced([{ AssociatePublicIpAddress: false }], { Subnet })).toEqual([]);
    expect(priced([{ NetworkInterfaceId: 'eni-1' }], { Subnet })).toEqual([]);
    expect(priced(undefined, { Subnet })).toEqual([['ipv4', HOURS]]);
    expect(priced(undefined)).toEqual([]);
  });

  it('with detailed monitoring have seven metrics each', () => {
    const Machine = machine({ Monitoring: { Enabled: true } });
    expect(standing({ Group: group({ MinSize: '2' }), Machine }).quantities).toContainEqual([
      'cw.metric',
      14,
    ]);
  });

  it('with an agent have its metrics: once for the group, and for each instance if that is named', () => {
    const metrics = (given: Parameters<typeof agent>[0]) =>
      standing({ Group: group({ MinSize: '3' }), Machine: machine(agent(given)) }).quantities.filter(
        ([price]) => price === 'cw.metric',
      );
    expect(metrics({})).toEqual([['cw.metric', 1]]);
    expect(metrics({ host: true })).toEqual([['cw.metric', 1 + 3]]);
    expect(metrics({ host: true, aggregated: false })).toEqual([['cw.metric', 3]]);
    expect(metrics({ aggregated: false })).toEqual([['cw.metric', 1]]);
    expect(metrics({ measurement: ['used', 'free'], resources: ['/', '/data'] })).toEqual([['cw.metric', 4]]);
  });

  it('with an agent that cannot be read are not known', () => {
    const unread = machine({ UserData: { 'Fn::Base64': 'dnf install amazon-cloudwatch-agent' } });
    expect(standing({ Group: group(), Machine: unread }).unknown).toHaveLength(1);
    const many = machine(agent({ resources: ['*'] }));
    expect(standing({ Group: group(), Machine: many }).unknown).toHaveLength(1);
  });

  it('that stand alone cost the same', () => {
    const Instance = resource('AWS::EC2::Instance', {
      InstanceType: 't3.small',
      Monitoring: true,
      BlockDeviceMappings: [{ Ebs: { VolumeType: 'gp3', VolumeSize: 20 } }],
    });
    expect(standing({ Instance }).quantities).toEqual([
      ['ec2.t3.small', HOURS],
      ['ebs.gp3', 20],
      ['cw.metric', 7],
    ]);
  });
});
