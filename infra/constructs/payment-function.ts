import { ArnFormat, type Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Effect, ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  Alias,
  Architecture,
  type CfnFunction,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';

export interface PaymentFunctionProps {
  readonly names: Names;
  /** The function's name, to which the suffix is added. */
  readonly name: string;
  readonly description: string;
  readonly profile: 'dev' | 'prod';
  /** Encrypts the logs. */
  readonly key: IKey;
  readonly vpc: IVpc;
  /** Private, with a way out to the services that have no endpoint here. */
  readonly subnets: SubnetSelection;
  readonly securityGroup: ISecurityGroup;
  /** Holds `index.mjs`, which exports `handler`. */
  readonly codeFolder: string;
  readonly memoryMb: number;
  readonly timeout: Duration;
  readonly environment: Readonly<Record<string, string>>;
  /** What this function may do, beyond writing its own logs. */
  readonly statements: readonly PolicyStatement[];
  /** What it shares with others: the one made by `functionBasics`, without which it reaches nothing, among them. */
  readonly sharedPolicies: readonly ManagedPolicy[];
  /**
   * Executions that no other function can take from this one, and the most that it gets.
   * @default - shares what the account has left
   */
  readonly reservedConcurrency?: number;
  /**
   * Takes events that failed for good: for functions invoked asynchronously. On others it would do nothing.
   * @default - none
   */
  readonly failedInvocations?: IQueue;
  /**
   * Whether it starts traces, or goes on with those that somebody before it has started.
   * @default 'Active'
   */
  readonly tracing?: 'Active' | 'PassThrough';
}

/** What Lambda itself does with the role, so that the function reaches the network. EC2 has no resource level here. */
const NETWORK_ACTIONS = [
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSubnets',
  'ec2:UnassignPrivateIpAddresses',
];

/**
 * A Lambda function with a role, a log group and an alias of its own. Everything that invokes it goes by the alias, so
 * that a new version takes over by steps and can be taken back.
 */
export class PaymentFunction extends Construct {
  readonly fn: LambdaFunction;
  /** Its ARN written out by its name: whatever has it waits for the function no longer. */
  readonly arnByName: string;
  /** `live`: the version in use. */
  readonly alias: Alias;
  readonly logGroup: LogGroup;
  /** Grants do not reach it: all that it may do stands in `statements`. */
  readonly role: Role;

  constructor(scope: Construct, id: string, props: PaymentFunctionProps) {
    super(scope, id);
    const { names, profile, statements, failedInvocations } = props;
    const isProd = profile === 'prod';
    const functionName = names.of(props.name);
    this.arnByName = Stack.of(this).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: functionName,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });

    this.logGroup = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/lambda/${functionName}`,
      // PCI DSS 10.5.1 asks for twelve months.
      retention: isProd ? RetentionDays.ONE_YEAR : RetentionDays.ONE_WEEK,
      encryptionKey: props.key,
      removalPolicy: isProd ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
      description: `What ${functionName} may do`,
    });
    const policy = new ManagedPolicy(this, 'Policy', {
      description: `What ${functionName} may do`,
      roles: [this.role],
      statements: [...this.ownStatements(), ...statements],
    });
    if (failedInvocations) policy.addStatements(...sendTo(failedInvocations));
    for (const shared of props.sharedPolicies) shared.attachToRole(this.role);

    this.fn = new LambdaFunction(this, 'Function', {
      functionName,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(props.codeFolder),
      memorySize: props.memoryMb,
      timeout: props.timeout,
      environment: { ...props.environment },
      // Otherwise the CDK adds inline policies to it, some of them wider than needed.
      role: this.role.withoutPolicyUpdates(),
      vpc: props.vpc,
      vpcSubnets: props.subnets,
      securityGroups: [props.securityGroup],
      logGroup: this.logGroup,
      loggingFormat: LoggingFormat.JSON,
      // Three lines of the platform for each invocation say nothing that the metrics do not, and cost more than ours.
      systemLogLevelV2: SystemLogLevel.WARN,
      ...(props.reservedConcurrency !== undefined && {
        reservedConcurrentExecutions: props.reservedConcurrency,
      }),
    });
    // Lambda checks at its creation that the role may make network interfaces.
    this.fn.node.addDependency(policy, ...props.sharedPolicies);
    // By the construct's own props either would add an inline policy to the role.
    const resource = this.fn.node.defaultChild as CfnFunction;
    // A call by API Gateway follows its sampling; of the others Lambda records one a second and 5 % more.
    resource.tracingConfig = { mode: props.tracing ?? 'Active' };
    if (failedInvocations) resource.deadLetterConfig = { targetArn: failedInvocations.queueArn };
    this.alias = new Alias(this, 'Alias', { aliasName: 'live', version: this.fn.currentVersion });
  }

  private ownStatements(): PolicyStatement[] {
    return [
      new PolicyStatement({
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.logGroup.logGroupArn],
      }),
      // Lambda needs them, the code in the function does not.
      new PolicyStatement({
        effect: Effect.DENY,
        actions: NETWORK_ACTIONS,
        resources: ['*'],
        conditions: { ArnEquals: { 'lambda:SourceFunctionArn': this.arnByName } },
      }),
    ];
  }
}

/** What every function needs of services that know no resources there: network interfaces, and traces. */
export function functionBasics(scope: Construct, id: string): ManagedPolicy {
  return new ManagedPolicy(scope, id, {
    description: 'Network interfaces and traces of the payment functions',
    statements: [
      new PolicyStatement({ actions: NETWORK_ACTIONS, resources: ['*'] }),
      new PolicyStatement({
        actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
        resources: ['*'],
      }),
    ],
  });
}

function sendTo(queue: IQueue): PolicyStatement[] {
  const send = new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [queue.queueArn] });
  if (!queue.encryptionMasterKey) return [send];
  const { region, urlSuffix } = Stack.of(queue);
  const encrypt = new PolicyStatement({
    actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
    resources: [queue.encryptionMasterKey.keyArn],
    conditions: { StringEquals: { 'kms:ViaService': `sqs.${region}.${urlSuffix}` } },
  });
  return [send, encrypt];
}
