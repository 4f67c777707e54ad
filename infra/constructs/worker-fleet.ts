import { Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AutoScalingGroup,
  type CfnAutoScalingGroup,
  GroupMetrics,
  HealthChecks,
  type MixedInstancesPolicy,
  OnDemandAllocationStrategy,
  SpotAllocationStrategy,
  UpdatePolicy,
} from 'aws-cdk-lib/aws-autoscaling';
import {
  AmazonLinuxCpuType,
  BlockDeviceVolume,
  CpuCredits,
  EbsDeviceVolumeType,
  InstanceClass,
  InstanceSize,
  InstanceType,
  type ISecurityGroup,
  type IVpc,
  LaunchTemplate,
  LaunchTemplateHttpTokens,
  MachineImage,
  type SubnetSelection,
} from 'aws-cdk-lib/aws-ec2';
import type { Role } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import { FleetRole } from './fleet-role.ts';
import { FleetScaling, WARMUP } from './fleet-scaling.ts';
import { fleetUserData } from './fleet-user-data.ts';
import type { PaymentPlaces } from './function-permissions.ts';

const MOST_INSTANCES = 5;

/** Image, packages, bundle and the worker's first health check; a deployment waits no longer for an instance. */
const START_TIMEOUT = Duration.minutes(10);

/** The image takes 2 GiB; the rest is for logs until they are rotated. */
const DISK_GIB = 10;

export interface WorkerFleetProps extends PaymentPlaces {
  readonly names: Names;
  readonly profile: 'dev' | 'prod';
  /** Who takes work from the queue; with `lambda` the group may not hold a single instance. */
  readonly workers: 'both' | 'lambda' | 'fleet';
  /** Encrypts the logs. */
  readonly key: IKey;
  readonly vpc: IVpc;
  /** Private ones with a way out. */
  readonly subnets: SubnetSelection;
  /** Nothing listens, so it needs no way in; out only 443. */
  readonly securityGroup: ISecurityGroup;
  /** Hears of every instance that came, went, or could not. Its key must let Auto Scaling use it. */
  readonly alerts: ITopic;
  /** Folder that holds `tollgate-worker.mjs`. */
  readonly bundle: string;
  /** The worker's configuration. */
  readonly environment: Readonly<Record<string, string>>;
  /** @default - the pages of this repository on GitHub */
  readonly runbookUrl?: string;
}

/**
 * The EC2 fleet: the same worker as the Lambda function, as a long-polling process. It has no lifecycle hook. When an
 * instance is terminated its system shuts down, systemd sends SIGTERM and waits for the worker to drain; and what a
 * worker that died still held, the queue delivers again.
 */
export class WorkerFleet extends Construct {
  readonly group: AutoScalingGroup;
  readonly role: Role;

  constructor(scope: Construct, id: string, props: WorkerFleetProps) {
    super(scope, id);
    const { names, profile, workers, key, vpc, subnets, securityGroup, queue, alerts, environment } = props;
    const stack = Stack.of(this);
    const works = workers !== 'lambda';
    const least = works && profile === 'prod' ? 1 : 0;
    const groupName = names.of('payment-asg');

    const bundle = new Asset(this, 'Bundle', { path: props.bundle });
    const logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/ec2/${names.of('payment-fleet')}`,
      encryptionKey: key,
      retention: profile === 'prod' ? RetentionDays.ONE_YEAR : RetentionDays.ONE_WEEK,
      removalPolicy: profile === 'prod' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    const fleetRole = new FleetRole(this, 'FleetRole', { names, places: props, logGroup, bundle });
    this.role = fleetRole.role;

    const launchTemplate = new LaunchTemplate(this, 'Instance', {
      launchTemplateName: names.of('payment-fleet'),
      instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.SMALL),
      machineImage: MachineImage.latestAmazonLinux2023({ cpuType: AmazonLinuxCpuType.ARM_64 }),
      role: this.role,
      securityGroup,
      associatePublicIpAddress: false,
      requireImdsv2: true,
      httpTokens: LaunchTemplateHttpTokens.REQUIRED,
      httpPutResponseHopLimit: 1,
      // Without credit a T4g is held at 20 % of its CPU, and then the target of 70 % is never reached.
      cpuCredits: CpuCredits.UNLIMITED,
      // Scaling within minutes needs figures by the minute.
      detailedMonitoring: true,
      blockDevices: [
        {
          deviceName: '/dev/xvda',
          volume: BlockDeviceVolume.ebs(DISK_GIB, { encrypted: true, volumeType: EbsDeviceVolumeType.GP3 }),
        },
      ],
      userData: fleetUserData({
        groupName,
        logGroupName: logGroup.logGroupName,
        region: stack.region,
        stackName: stack.stackName,
        groupLogicalId: Lazy.string({
          produce: () => stack.getLogicalId(this.group.node.defaultChild as CfnAutoScalingGroup),
        }),
        bundleUrl: bundle.s3ObjectUrl,
        environment,
      }),
    });

    this.group = new AutoScalingGroup(this, 'Group', {
      autoScalingGroupName: groupName,
      vpc,
      vpcSubnets: subnets,
      minCapacity: least,
      maxCapacity: works ? MOST_INSTANCES : 0,
      defaultInstanceWarmup: WARMUP,
      groupMetrics: [GroupMetrics.all()],
      healthChecks: HealthChecks.ec2({ gracePeriod: START_TIMEOUT }),
      notifications: [{ topic: alerts }],
      ...(profile === 'dev' ? { mixedInstancesPolicy: spot(launchTemplate) } : { launchTemplate }),
      // CloudFormation takes no rolling update of a group that may hold no instance.
      ...(works
        ? {
            updatePolicy: UpdatePolicy.rollingUpdate({
              maxBatchSize: 1,
              minInstancesInService: least,
              waitOnResourceSignals: true,
              pauseTime: START_TIMEOUT,
            }),
          }
        : {}),
    });
    if (least > 0) {
      // Not by the construct's `signals`, which adds an inline policy: cfn-signal needs no permission, since it proves
      // by the instance's identity document that it belongs to the stack.
      (this.group.node.defaultChild as CfnAutoScalingGroup).cfnOptions.creationPolicy = {
        resourceSignal: { count: least, timeout: START_TIMEOUT.toIsoString() },
      };
    }
    if (works) {
      new FleetScaling(this, 'Scaling', {
        group: this.group,
        queue,
        soleWorker: workers === 'fleet',
        runbookUrl: props.runbookUrl,
      });
    }
    // An instance that starts before its permissions are attached fails to come up.
    this.group.node.addDependency(fleetRole);
    // So does one that starts before it has a way out: for its packages, and to tell the deployment that it works.
    this.group.node.addDependency(vpc.selectSubnets(subnets).internetConnectivityEstablished);
  }
}

/**
 * Whichever Graviton pool is cheap and not about to be taken back: the worker may be killed at any time. T4g only,
 * since others are refused with the template's CPU credits.
 */
function spot(launchTemplate: LaunchTemplate): MixedInstancesPolicy {
  const sizes = [InstanceSize.SMALL, InstanceSize.MEDIUM, InstanceSize.LARGE];
  return {
    launchTemplate,
    launchTemplateOverrides: sizes.map((size) => ({
      instanceType: InstanceType.of(InstanceClass.T4G, size),
    })),
    instancesDistribution: {
      onDemandAllocationStrategy: OnDemandAllocationStrategy.PRIORITIZED,
      onDemandBaseCapacity: 0,
      onDemandPercentageAboveBaseCapacity: 0,
      spotAllocationStrategy: SpotAllocationStrategy.PRICE_CAPACITY_OPTIMIZED,
    },
  };
}
