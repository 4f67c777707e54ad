import { Stack, Tags } from 'aws-cdk-lib';
import { CfnAutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import {
  BlockDeviceVolume,
  CfnEIP,
  CfnEIPAssociation,
  type CfnLaunchTemplate,
  CfnNetworkInterface,
  CpuCredits,
  EbsDeviceVolumeType,
  InstanceType,
  type ISubnet,
  type IVpc,
  LaunchTemplate,
  MachineImage,
  Peer,
  Port,
  type PublicSubnet,
  SecurityGroup,
  UserData,
} from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { natSetup } from './nat-setup.ts';

/** Resolved at each launch, so that a replacement starts patched and a deployment does not interrupt the traffic. */
const IMAGE = '/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64';
/** Of the image: a volume can be larger, never smaller. */
const ROOT_VOLUME_GIB = 8;
/** Boot, one package and the signal take a few minutes; the rest is for a slow mirror. */
const SETUP_LIMIT = 'PT10M';

export interface NatInstanceProps {
  readonly names: Names;
  readonly vpc: IVpc;
  /** Where the instance stands. */
  readonly subnet: PublicSubnet;
  /** Whose traffic it takes. */
  readonly from: readonly ISubnet[];
  /**
   * Hears of each launch and loss of the instance.
   * @default - nobody
   */
  readonly notices?: ITopic;
}

/**
 * The routes and the public address belong to a network interface that outlives every instance: whichever instance the
 * group of one launches comes up with it, and nothing has to be attached, re-routed or called.
 */
export class NatInstance extends Construct {
  /** What the private subnets' routes point at. */
  readonly networkInterfaceId: string;
  /** Is there when the instance forwards, which its first boot signals. */
  readonly group: CfnAutoScalingGroup;

  constructor(scope: Construct, id: string, { names, vpc, subnet, from, notices }: NatInstanceProps) {
    super(scope, id);
    const name = names.of('payment-nat');
    Tags.of(this).add('Name', name);

    const networkInterface = new CfnNetworkInterface(this, 'NetworkInterface', {
      description: name,
      subnetId: subnet.subnetId,
      groupSet: [this.#securityGroup(names, vpc, from).securityGroupId],
      // It forwards packets that are neither from nor for itself.
      sourceDestCheck: false,
    });
    this.networkInterfaceId = networkInterface.attrId;
    const address = new CfnEIP(this, 'Address', { domain: 'vpc' });
    address.node.addDependency(subnet.internetConnectivityEstablished);
    const association = new CfnEIPAssociation(this, 'AddressOfInterface', {
      allocationId: address.attrAllocationId,
      networkInterfaceId: this.networkInterfaceId,
    });

    const template = this.#template(names);
    this.group = new CfnAutoScalingGroup(this, 'Group', {
      autoScalingGroupName: name,
      minSize: '1',
      maxSize: '1',
      // The interface stands in a subnet already: the group is given the zone instead.
      availabilityZones: [subnet.availabilityZone],
      launchTemplate: {
        launchTemplateId: template.launchTemplateId,
        version: template.latestVersionNumber,
      },
      healthCheckType: 'EC2',
      healthCheckGracePeriod: 300,
      ...(notices && { notificationConfigurations: [noticesTo(notices)] }),
    });
    // Setup and signal need the address.
    this.group.addResourceDependency(association);
    this.group.cfnOptions.creationPolicy = { resourceSignal: { count: 1, timeout: SETUP_LIMIT } };
    // Two instances cannot have the interface at a time: the old one goes first.
    this.group.cfnOptions.updatePolicy = {
      autoScalingRollingUpdate: {
        minInstancesInService: 0,
        maxBatchSize: 1,
        waitOnResourceSignals: true,
        pauseTime: SETUP_LIMIT,
        suspendProcesses: [
          'HealthCheck',
          'ReplaceUnhealthy',
          'AZRebalance',
          'AlarmNotification',
          'ScheduledActions',
        ],
      },
    };
    const { stackName, region } = Stack.of(this);
    template.userData?.addCommands(
      ...natSetup({
        cidrBlocks: from.map((each) => each.ipv4CidrBlock),
        stack: stackName,
        resource: Stack.of(this).getLogicalId(this.group),
        region,
      }),
    );
  }

  /** Open to the private subnets alone, and to them for HTTPS alone. */
  #securityGroup(names: Names, vpc: IVpc, from: readonly ISubnet[]): SecurityGroup {
    const group = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      securityGroupName: names.of('nat-sg'),
      description: 'NAT instance: HTTPS from the private subnets to the internet, nothing else',
      allowAllOutbound: false,
    });
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'HTTPS to the internet');
    for (const each of from) {
      group.addIngressRule(Peer.ipv4(each.ipv4CidrBlock), Port.tcp(443), 'HTTPS to be forwarded');
    }
    return group;
  }

  #template(names: Names): LaunchTemplate {
    const name = names.of('payment-nat');
    const template = new LaunchTemplate(this, 'Template', {
      launchTemplateName: name,
      instanceType: new InstanceType('t4g.nano'),
      machineImage: MachineImage.resolveSsmParameterAtLaunch(IMAGE),
      userData: UserData.forLinux(),
      role: this.#role(names),
      requireImdsv2: true,
      httpPutResponseHopLimit: 1,
      cpuCredits: CpuCredits.STANDARD,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: BlockDeviceVolume.ebs(ROOT_VOLUME_GIB, {
            volumeType: EbsDeviceVolumeType.GP3,
            encrypted: true,
            deleteOnTermination: true,
          }),
        },
      ],
    });
    Tags.of(template).add('Name', name);
    // The construct cannot name an interface that exists.
    (template.node.defaultChild as CfnLaunchTemplate).addPropertyOverride(
      'LaunchTemplateData.NetworkInterfaces',
      [{ DeviceIndex: 0, NetworkInterfaceId: this.networkInterfaceId, DeleteOnTermination: false }],
    );
    return template;
  }

  #role(names: Names): Role {
    const role = new Role(this, 'Role', {
      roleName: names.accountWide('payment-nat'),
      description: 'The NAT instance of the payment VPC',
      assumedBy: new ServicePrincipal('ec2.amazonaws.com'),
    });
    new ManagedPolicy(this, 'Operate', {
      managedPolicyName: names.accountWide('payment-nat-operate'),
      description: 'Lets an operator in by Session Manager',
      roles: [role],
      statements: [
        // What Session Manager needs: AWS's own policy for it also reads every parameter of the account.
        new PolicyStatement({
          actions: ['ssm:UpdateInstanceInformation'],
          // An instance's id is known only when it runs.
          resources: [Stack.of(this).formatArn({ service: 'ec2', resource: 'instance', resourceName: '*' })],
        }),
        new PolicyStatement({
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
    return role;
  }
}

function noticesTo(topic: ITopic): CfnAutoScalingGroup.NotificationConfigurationProperty {
  return {
    topicArn: topic.topicArn,
    notificationTypes: [
      'autoscaling:EC2_INSTANCE_LAUNCH',
      'autoscaling:EC2_INSTANCE_LAUNCH_ERROR',
      'autoscaling:EC2_INSTANCE_TERMINATE',
      'autoscaling:EC2_INSTANCE_TERMINATE_ERROR',
    ],
  };
}
