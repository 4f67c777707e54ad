import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stack } from 'aws-cdk-lib';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, StreamViewType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { CONTROL_TABLE, PAYMENTS_TABLE, SIMULATOR_TABLE } from '../../src/adapters/dynamodb/table-schema.ts';
import { testNames } from '../stack.fixture.ts';
import { PaymentFunctions, type PaymentFunctionsProps } from './payment-functions.ts';

let folder: string | undefined;

/** A function's code that is not bundled: what stands in it no template shows. */
export function someCode(): string {
  if (folder) return folder;
  folder = join(mkdtempSync(join(tmpdir(), 'function-')), 'code');
  mkdirSync(folder);
  writeFileSync(join(folder, 'index.mjs'), 'export const handler = () => undefined;\n');
  return folder;
}

/** Everything that functions stand on, with as little to it as will do. */
export function functionParts(stack: Stack) {
  const key = new Key(stack, 'Key', { enableKeyRotation: true });
  const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 });
  const encrypted = { encryption: TableEncryption.CUSTOMER_MANAGED, encryptionKey: key };
  const string = (name: string) => ({ name, type: AttributeType.STRING });
  return {
    names: testNames(),
    deployment: 'dev123',
    profile: 'dev',
    key,
    vpc,
    subnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS },
    securityGroup: new SecurityGroup(stack, 'Group', { vpc, allowAllOutbound: false }),
    payments: new Table(stack, 'Payments', {
      partitionKey: string(PAYMENTS_TABLE.partitionKey),
      stream: StreamViewType.NEW_AND_OLD_IMAGES,
      ...encrypted,
    }),
    control: new Table(stack, 'Control', {
      partitionKey: string(CONTROL_TABLE.partitionKey),
      sortKey: string(CONTROL_TABLE.sortKey),
      ...encrypted,
    }),
    simulator: new Table(stack, 'Simulator', {
      partitionKey: string(SIMULATOR_TABLE.partitionKey),
      ...encrypted,
    }),
    queue: new Queue(stack, 'Queue', {
      encryption: QueueEncryption.KMS_MANAGED,
      visibilityTimeout: Duration.minutes(6),
    }),
    deadLetters: new Queue(stack, 'DeadLetters', { encryption: QueueEncryption.KMS_MANAGED }),
    auditBucket: passingBucket(stack, 'Audit', key),
    failedEvents: passingBucket(stack, 'FailedEvents', key),
    secret: new Secret(stack, 'Secret', { encryptionKey: key }),
    connector: 'simulator',
    allowSimulator: false,
    codeFolder: someCode,
  } satisfies PaymentFunctionsProps;
}

/** As a `dev` stack has them: emptied when the stack goes. */
function passingBucket(stack: Stack, id: string, encryptionKey: Key): Bucket {
  return new Bucket(stack, id, {
    encryption: BucketEncryption.KMS,
    encryptionKey,
    removalPolicy: RemovalPolicy.DESTROY,
    autoDeleteObjects: true,
  });
}

/** The functions of one test, with what they stand on. */
export function testFunctions(stack: Stack, props: Partial<PaymentFunctionsProps> = {}) {
  const parts = { ...functionParts(stack), ...props };
  return { parts, functions: new PaymentFunctions(stack, 'Functions', parts) };
}
