import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ISecurityGroup, IVpc, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { ManagedPolicy, type PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type BundleName, bundleFunction, type FunctionName } from '../bundles.ts';
import type { Names } from '../names.ts';
import { createPermissions, type PaymentPlaces } from './function-permissions.ts';
import { functionBasics, PaymentFunction } from './payment-function.ts';

export interface PaymentFunctionsProps extends PaymentPlaces {
  readonly names: Names;
  /** The suffix: by it the metrics of several deployments are told apart. */
  readonly deployment: string;
  readonly profile: 'dev' | 'prod';
  readonly key: IKey;
  readonly vpc: IVpc;
  readonly subnets: SubnetSelection;
  readonly securityGroup: ISecurityGroup;
  readonly connector: 'simulator';
  /** Lets `prod` run with the simulator. */
  readonly allowSimulator: boolean;
  /**
   * Days after which settled payments leave the table.
   * @default - never
   */
  readonly hotRetentionDays?: number | null;
  /**
   * Keeps executions for each function. Off where the account has too few to reserve any.
   * @default true
   */
  readonly reserveConcurrency?: boolean;
  /**
   * Further settings of the runtime, such as RATE_LIMIT_PER_SECOND.
   * @default - the runtime's own defaults
   */
  readonly environment?: Readonly<Record<string, string>>;
  /**
   * By which requests come. Behind CloudFront there is no authorizer: the API looks keys up by itself.
   * @default 'rest'
   */
  readonly edge?: 'rest' | 'cloudfront';
  /**
   * Folder of a function's code.
   * @default - bundled from the sources
   */
  readonly codeFolder?: (name: BundleName) => string;
}

interface Shape {
  readonly name: string;
  readonly description: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  /** Reserved executions. */
  readonly concurrency: number;
}

/**
 * Names and figures. `worker`'s reservation bounds how many messages are in hand, and the mapping's own limit must
 * not be above it. The readers of the stream run once for each of its shards, of which a table under its write caps
 * has a few. A pass of the sweep must not meet another. The authorizer is asked once a minute and key.
 */
export const SHAPES = {
  api: {
    name: 'payment-processor',
    description: 'Answers every route of the HTTP API',
    memoryMb: 512,
    timeoutSeconds: 30,
    concurrency: 50,
  },
  worker: {
    name: 'event-handler',
    description: 'Takes work from the queue, asks the PSP, records the outcome',
    // It waits for the PSP nearly all of its time, and waiting is paid for by the memory.
    memoryMb: 256,
    timeoutSeconds: 60,
    concurrency: 20,
  },
  relay: {
    name: 'payment-relay',
    description: 'Sends operations that a change dispatches to the work queue',
    memoryMb: 256,
    timeoutSeconds: 60,
    concurrency: 20,
  },
  audit: {
    name: 'payment-audit',
    description: 'Writes every change to the audit log',
    memoryMb: 512,
    timeoutSeconds: 120,
    concurrency: 20,
  },
  sweep: {
    name: 'payment-sweep',
    description: 'Heals what the change feed or the queue lost, and expires what is due',
    memoryMb: 256,
    timeoutSeconds: 120,
    concurrency: 1,
  },
  authorizer: {
    name: 'payment-authorizer',
    description: 'Says which merchant an API key belongs to, and what it may do',
    memoryMb: 256,
    timeoutSeconds: 10,
    concurrency: 20,
  },
  rotation: {
    name: 'payment-rotation',
    description: 'Rotates the secret that signs list cursors',
    memoryMb: 256,
    timeoutSeconds: 60,
    concurrency: 1,
  },
} as const satisfies Record<FunctionName, Shape>;

/** The functions, each with the permissions of its task. */
export class PaymentFunctions extends Construct {
  readonly api: PaymentFunction;
  readonly worker: PaymentFunction;
  readonly relay: PaymentFunction;
  readonly audit: PaymentFunction;
  readonly sweep: PaymentFunction;
  /** Undefined behind CloudFront. */
  readonly authorizer: PaymentFunction | undefined;
  readonly rotation: PaymentFunction;
  /** Names of the deployment's parts, which every process that works on it needs. */
  readonly environment: Readonly<Record<string, string>>;
  /** Asynchronous invocations that failed for good: of the sweep, its schedule, and the rotation. */
  readonly failedInvocations: Queue;

  constructor(scope: Construct, id: string, props: PaymentFunctionsProps) {
    super(scope, id);
    const { names, profile, key, reserveConcurrency = true, codeFolder = bundleFunction } = props;
    const isBehindCloudFront = props.edge === 'cloudfront';
    this.failedInvocations = new Queue(this, 'FailedInvocations', {
      queueName: names.of('payment-failed-invocations'),
      // EventBridge cannot write to a queue on a key of SQS's own.
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const environment = environmentOf(props);
    this.environment = environment;
    const may = createPermissions(this, props);
    const basics = functionBasics(this, 'Basics');
    const readers = new ManagedPolicy(this, 'StreamReaders', {
      description: 'Reads the change feed, and puts aside what cannot be handled',
      statements: [...may.readStream(), ...may.giveUpBatches()],
    });
    const make = (
      name: FunctionName,
      statements: PolicyStatement[][],
      { readsStream = false, isAsynchronous = false, ...special }: Special = {},
    ) => {
      const { timeoutSeconds, concurrency, ...shape } = SHAPES[name];
      return new PaymentFunction(
        this,
        name.replace(/^./, (first) => first.toUpperCase()),
        {
          ...shape,
          names,
          profile,
          key,
          vpc: props.vpc,
          subnets: props.subnets,
          securityGroup: props.securityGroup,
          codeFolder: codeFolder(special.bundle ?? name),
          timeout: Duration.seconds(timeoutSeconds),
          environment: { ...environment, ...special.environment },
          statements: statements.flat(),
          sharedPolicies: readsStream ? [basics, readers] : [basics],
          ...(reserveConcurrency && { reservedConcurrency: concurrency }),
          ...(isAsynchronous && { failedInvocations: this.failedInvocations }),
          tracing: tracingOf(name, props),
        },
      );
    };

    this.api = make(
      'api',
      [
        may.changePayments(),
        may.listPayments(),
        // A call-back that settles an operation takes it off the list of dead letters.
        may.dropDeadLetters(),
        may.measureQueue(),
        may.probeStore(),
        may.readSecret(),
        may.useSimulator(),
        ...(isBehindCloudFront ? [may.readKeys()] : []),
      ],
      isBehindCloudFront ? behindCloudFront(profile) : {},
    );
    this.authorizer = isBehindCloudFront
      ? undefined
      : make('authorizer', [may.readKeys(), may.measureQueue()]);
    this.relay = make('relay', [may.send()], { readsStream: true });
    this.worker = make('worker', [
      may.consume(),
      may.send(),
      may.changePayments(),
      may.listDeadLetters(),
      may.readSecret(),
      may.useSimulator(),
    ]);
    this.audit = make('audit', [may.writeAudit(), may.moveAuditHead()], { readsStream: true });
    this.sweep = make(
      'sweep',
      [
        may.changePayments(),
        may.listPayments(),
        may.listDeadLetters(),
        may.countDeadLetters(),
        may.moveAuditHead(),
        may.measureQueue(),
        may.send(),
        may.writeAudit(),
        may.recoverBatches(),
        may.readSecret(),
        may.useSimulator(),
      ],
      { isAsynchronous: true },
    );
    this.rotation = make('rotation', [may.rotateSecret()], { isAsynchronous: true });
    // In `dev` a bucket is emptied when the stack goes. Whoever writes there goes first: one object more, and it stays.
    for (const { fn } of [this.audit, this.sweep]) fn.node.addDependency(props.auditBucket);
  }

  /**
   * Tells the functions by which address customers reach the API, which is known only after them.
   * @param isKnownBefore false for an address that is made after the function that answers there: that one is told by
   *   each request
   */
  reachedAt(publicUrl: string, { isKnownBefore = true } = {}): void {
    const told = [...(isKnownBefore ? [this.api] : []), this.worker, this.sweep];
    for (const { fn } of told) fn.addEnvironment('PUBLIC_URL', publicUrl);
  }
}

interface Special {
  readsStream?: boolean;
  isAsynchronous?: boolean;
  bundle?: BundleName;
  environment?: Readonly<Record<string, string>>;
}

/**
 * Who begins traces. API Gateway samples those of requests. Where nothing samples before a function, Lambda records,
 * and charges, its first invocation of each second and 5 % of the others, and cannot be told otherwise.
 */
function tracingOf(
  name: FunctionName,
  { profile, edge }: Pick<PaymentFunctionsProps, 'profile' | 'edge'>,
): 'Active' | 'PassThrough' {
  const isSampledBefore = (name === 'api' || name === 'authorizer') && edge !== 'cloudfront';
  // Little runs in `dev`, and to see it is what `dev` is for.
  const isSeldom = profile === 'dev' && name !== 'api';
  return isSampledBefore || isSeldom ? 'Active' : 'PassThrough';
}

/**
 * What API Gateway does elsewhere, and CloudFront does not: it logs which merchant and key asked for what, which PCI
 * DSS 10.2.2 asks for in `prod`.
 */
function behindCloudFront(profile: 'dev' | 'prod'): Special {
  return {
    bundle: 'url',
    ...(profile === 'prod' && { environment: { LOG_LEVEL: 'info' } }),
  };
}

/** The same for all: names are no secrets, and what a function may do with them its role says. */
function environmentOf(props: PaymentFunctionsProps): Record<string, string> {
  const { payments, control, simulator, queue, deadLetters, auditBucket, failedEvents, secret } = props;
  return {
    STORE: 'dynamodb',
    TABLE_NAME: payments.tableName,
    CONTROL_TABLE_NAME: control.tableName,
    SIMULATOR_TABLE_NAME: simulator?.tableName ?? '',
    QUEUE_URL: queue.queueUrl,
    DLQ_URL: deadLetters.queueUrl,
    BUCKET_NAME: auditBucket.bucketName,
    FAILED_EVENTS_BUCKET: failedEvents.bucketName,
    SECRET_ID: secret.secretArn,
    DEPLOYMENT: props.deployment,
    PROFILE: props.profile,
    CONNECTOR: props.connector,
    ALLOW_SIMULATOR: String(props.allowSimulator),
    HOT_RETENTION_DAYS: String(props.hotRetentionDays ?? 0),
    ...props.environment,
  };
}
