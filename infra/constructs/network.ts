import { Aws, RemovalPolicy } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  NatProvider,
  Peer,
  Port,
  SecurityGroup,
  type SubnetSelection,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';
import { NatInstanceProvider } from './nat-provider.ts';

export interface NetworkProps {
  readonly names: Names;
  readonly nat: Settings['nat'];
  readonly profile: Settings['profile'];
  /** Encrypts the flow logs. */
  readonly key: IKey;
  /**
   * Hears of each launch and loss of the NAT instance.
   * @default - nobody
   */
  readonly notices?: ITopic;
}

/** Two zones with a public and a private subnet each; nothing but the NAT stands in the public ones. */
export class Network extends Construct {
  readonly vpc: Vpc;
  /** The private subnets, from which the internet can be reached. */
  readonly subnets: SubnetSelection = { subnetType: SubnetType.PRIVATE_WITH_EGRESS };
  readonly lambdaSecurityGroup: SecurityGroup;
  readonly fleetSecurityGroup: SecurityGroup;

  constructor(scope: Construct, id: string, { names, nat, profile, key, notices }: NetworkProps) {
    super(scope, id);
    this.vpc = new Vpc(this, 'Vpc', {
      vpcName: names.of('payment-vpc'),
      maxAzs: 2,
      natGateways: 1,
      natGatewayProvider:
        nat === 'instance' ? new NatInstanceProvider({ names, notices }) : NatProvider.gateway(),
      subnetConfiguration: [
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 24 },
      ],
      // CloudFormation has no other way to close the default group than the CDK's custom resource.
      restrictDefaultSecurityGroup: true,
    });
    // They cost nothing, and keep most bytes off the NAT, which is billed by the GB or small.
    const service = GatewayVpcEndpointAwsService;
    this.vpc.addGatewayEndpoint('S3', { service: service.S3, subnets: [this.subnets] });
    this.vpc.addGatewayEndpoint('DynamoDb', { service: service.DYNAMODB, subnets: [this.subnets] });

    this.lambdaSecurityGroup = this.#callersOnly(
      'LambdaSg',
      names.of('lambda-sg'),
      'payment Lambda functions',
    );
    this.fleetSecurityGroup = this.#callersOnly('Ec2Sg', names.of('ec2-sg'), 'the EC2 Auto Scaling group');
    this.#logFlows(names, profile, key);
  }

  /** Functions and fleet call AWS and PSPs and serve nothing themselves: the reference's open 443 had no listener. */
  #callersOnly(id: string, securityGroupName: string, whose: string): SecurityGroup {
    const group = new SecurityGroup(this, id, {
      vpc: this.vpc,
      securityGroupName,
      description: `Security group for ${whose}`,
      allowAllOutbound: false,
    });
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'HTTPS to AWS and PSPs');
    return group;
  }

  /**
   * Who talked to whom: a year of everything in prod (PCI DSS 10.5.1), a week of refusals in dev, to find a rule that
   * is too tight.
   */
  #logFlows(names: Names, profile: Settings['profile'], key: IKey): void {
    const prod = profile === 'prod';
    const logGroup = new LogGroup(this, 'FlowLogs', {
      logGroupName: names.of('/payment/flow-logs'),
      encryptionKey: key,
      retention: prod ? RetentionDays.ONE_YEAR : RetentionDays.ONE_WEEK,
      removalPolicy: prod ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    const role = new Role(this, 'FlowLogsRole', {
      roleName: names.accountWide('payment-flow-logs'),
      description: 'Writes the flow logs of the payment VPC',
      assumedBy: new ServicePrincipal('vpc-flow-logs.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    new ManagedPolicy(this, 'FlowLogsPolicy', {
      managedPolicyName: names.accountWide('payment-flow-logs'),
      description: 'Flow logs of the payment VPC to their log group',
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ['logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
          resources: [logGroup.logGroupArn],
        }),
      ],
    });
    this.vpc.addFlowLog('FlowLog', {
      // Without that, the construct would add an inline policy of its own.
      destination: FlowLogDestination.toCloudWatchLogs(logGroup, role.withoutPolicyUpdates()),
      trafficType: prod ? FlowLogTrafficType.ALL : FlowLogTrafficType.REJECT,
    });
  }
}
