import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  CfnConfigurationRecorder,
  CfnDeliveryChannel,
  ManagedRule,
  ManagedRuleIdentifiers,
  type ManagedRuleProps,
  ResourceType,
  RuleScope,
} from 'aws-cdk-lib/aws-config';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket, BucketEncryption, type IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct, type IDependable } from 'constructs';
import type { Names } from '../names.ts';
import { TAG_KEYS } from './tag-keys.ts';

/**
 * What the recorder records: what the rules look at, and no more. Each recorded change costs $0.003 and each evaluation
 * $0.001; recording all types makes every network interface of every Lambda function an item.
 */
const RECORDED = [
  ResourceType.S3_BUCKET,
  ResourceType.DYNAMODB_TABLE,
  ResourceType.EC2_INSTANCE,
  ResourceType.AUTO_SCALING_GROUP,
];

/** How long Config's own files are kept: PCI DSS 10.5.1 asks for a year of what an audit reads. */
const KEPT_DAYS = { dev: 30, prod: 365 };

export interface ComplianceRulesProps {
  readonly names: Names;
  readonly profile: 'dev' | 'prod';
  readonly key: IKey;
  /** Takes the access logs of the recorder's bucket. */
  readonly accessLogs: IBucket;
  /** Must keep its Object Lock, in `prod`. */
  readonly auditBucket: IBucket;
  /** There is one recorder per account and region: `existing` adds the rules to it, `off` none. */
  readonly configRecorder: 'create' | 'existing' | 'off';
}

/** AWS Config: what this account must not become, watched from outside the stack. */
export class ComplianceRules extends Construct {
  readonly rules: readonly ManagedRule[];

  constructor(scope: Construct, id: string, props: ComplianceRulesProps) {
    super(scope, id);
    const { names, configRecorder } = props;
    if (configRecorder === 'off') {
      this.rules = [];
      return;
    }
    const recorder = configRecorder === 'create' ? this.recorder(props) : [];
    this.rules = definitions(props).map(({ name, ...rule }) => {
      const made = new ManagedRule(this, name, { configRuleName: names.of(name), ...rule });
      // A rule is refused as long as nothing records.
      made.node.addDependency(...recorder);
      return made;
    });
  }

  private recorder({ names, profile, key, accessLogs }: ComplianceRulesProps): IDependable[] {
    const name = names.of('payment-config');
    const bucket = new Bucket(this, 'Bucket', {
      bucketName: names.bucket('payment-config', Aws.ACCOUNT_ID, Aws.REGION),
      encryption: BucketEncryption.KMS,
      encryptionKey: key,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      versioned: true,
      serverAccessLogsBucket: accessLogs,
      serverAccessLogsPrefix: 'payment-config/',
      lifecycleRules: [
        {
          expiration: Duration.days(KEPT_DAYS[profile]),
          noncurrentVersionExpiration: Duration.days(30),
          abortIncompleteMultipartUploadAfter: Duration.days(7),
        },
      ],
      removalPolicy: profile === 'prod' ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
      autoDeleteObjects: profile === 'dev',
    });
    const role = new Role(this, 'Role', {
      roleName: names.accountWide('payment-config'),
      description: 'AWS Config records with it',
      assumedBy: new ServicePrincipal('config.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
      // What Config reads of each type is AWS's to know. Not the service-linked role: it can be made only once in an
      // account, by whichever region comes first.
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWS_ConfigRole')],
    });
    // By the bucket’s policy: whoever reads it sees who writes there, and the role needs no wildcard.
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ConfigFindsBucket',
        principals: [role],
        actions: ['s3:GetBucketAcl', 's3:ListBucket'],
        resources: [bucket.bucketArn],
      }),
    );
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ConfigDelivers',
        principals: [role],
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`AWSLogs/${Aws.ACCOUNT_ID}/Config/*`)],
      }),
    );
    const encrypts = new ManagedPolicy(this, 'Encrypts', {
      managedPolicyName: names.accountWide('payment-config-encrypts'),
      description: 'AWS Config encrypts what it delivers',
      roles: [role],
      statements: [
        new PolicyStatement({ actions: ['kms:GenerateDataKey', 'kms:Decrypt'], resources: [key.keyArn] }),
      ],
    });
    const recorder = new CfnConfigurationRecorder(this, 'Recorder', {
      name,
      roleArn: role.roleArn,
      recordingGroup: {
        allSupported: false,
        resourceTypes: RECORDED.map((type) => type.complianceResourceType),
      },
    });
    // No dependency between the two: CloudFormation waits with either for the other.
    const channel = new CfnDeliveryChannel(this, 'Channel', {
      name,
      s3BucketName: bucket.bucketName,
      s3KmsKeyArn: key.keyArn,
    });
    for (const part of [recorder, channel]) part.node.addDependency(bucket, encrypts);
    return [recorder, channel];
  }
}

interface Definition extends Omit<ManagedRuleProps, 'configRuleName'> {
  readonly name: string;
}

function definitions({ profile, auditBucket }: ComplianceRulesProps): Definition[] {
  const buckets = RuleScope.fromResource(ResourceType.S3_BUCKET);
  return [
    {
      name: 'payment-s3-encryption',
      description: 'Every bucket encrypts what it holds.',
      identifier: ManagedRuleIdentifiers.S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED,
      ruleScope: buckets,
    },
    {
      name: 'payment-required-tags',
      description: 'Everything that holds data or does work says whose it is and what it holds.',
      identifier: ManagedRuleIdentifiers.REQUIRED_TAGS,
      inputParameters: Object.fromEntries(TAG_KEYS.map((key, i) => [`tag${i + 1}Key`, key])),
      ruleScope: RuleScope.fromResources(RECORDED),
    },
    {
      name: 'payment-s3-public-read',
      description: 'No bucket can be read by the public.',
      identifier: ManagedRuleIdentifiers.S3_BUCKET_PUBLIC_READ_PROHIBITED,
      ruleScope: buckets,
    },
    {
      name: 'payment-s3-public-write',
      description: 'No bucket can be written by the public.',
      identifier: ManagedRuleIdentifiers.S3_BUCKET_PUBLIC_WRITE_PROHIBITED,
      ruleScope: buckets,
    },
    {
      name: 'payment-imdsv2',
      description: 'No instance hands out its credentials to a request that was forged through it.',
      identifier: ManagedRuleIdentifiers.EC2_IMDSV2_CHECK,
      ruleScope: RuleScope.fromResource(ResourceType.EC2_INSTANCE),
    },
    ...(profile === 'prod'
      ? [
          {
            name: 'payment-audit-object-lock',
            description: 'Nobody can shorten the audit log, not even the owner of the account.',
            identifier: ManagedRuleIdentifiers.S3_BUCKET_DEFAULT_LOCK_ENABLED,
            ruleScope: RuleScope.fromResource(ResourceType.S3_BUCKET, auditBucket.bucketName),
          },
        ]
      : []),
  ];
}
