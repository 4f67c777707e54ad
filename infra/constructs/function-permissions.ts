import { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { type Conditions, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { PAYMENTS_TABLE } from '../../src/adapters/dynamodb/table-schema.ts';

/** Where a deployment keeps what it knows. */
export interface PaymentPlaces {
  /** Payments and API keys. */
  readonly payments: ITable;
  /** The audit log's head, and the dead letters. */
  readonly control: ITable;
  /** @default - the connector is not the simulator */
  readonly simulator?: ITable;
  readonly queue: IQueue;
  readonly deadLetters: IQueue;
  readonly auditBucket: IBucket;
  /** Batches of the stream that a reader gave up. */
  readonly failedEvents: IBucket;
  readonly secret: ISecret;
}

/** How the partition keys of the payments table begin. */
const PAYMENTS = ['test#*', 'live#*'];
const KEYS = ['key#*'];
/** Of the index: what is open, and what is settled by merchant; the list of keys is not among them. */
const PAYMENT_LISTS = ['open#*', ...PAYMENTS];

/** Where Lambda writes batches that it gave up. */
const FAILED_PREFIX = 'aws/lambda/';

const READ_TABLE = ['kms:Decrypt', 'kms:DescribeKey'];
const WRITE_TABLE = [
  ...READ_TABLE,
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];
const READ = ['kms:Decrypt'];
const READ_AND_WRITE = ['kms:Decrypt', 'kms:GenerateDataKey'];

/**
 * What functions may do, named by what it is for. Exact actions on exact resources; in the tables that several have a
 * part of, only that part's keys: the role of the API can neither make an API key nor move the audit log's head.
 */
export function createPermissions(scope: Construct, places: PaymentPlaces) {
  const { payments, control, simulator, queue, deadLetters, auditBucket, failedEvents, secret } = places;
  const { region, urlSuffix } = Stack.of(scope);
  const index = `${payments.tableArn}/index/${PAYMENTS_TABLE.index.name}`;

  /** The key may be used for that service's sake, and for nothing else. */
  function withKey(key: IKey | undefined, service: string, actions: readonly string[]): PolicyStatement[] {
    if (!key) return [];
    const conditions = { StringEquals: { 'kms:ViaService': `${service}.${region}.${urlSuffix}` } };
    return [allow(actions, key.keyArn, conditions)];
  }

  function inTable(table: ITable, actions: readonly string[], keys: readonly string[], arn = table.tableArn) {
    const conditions = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } };
    return [
      allow(prefixed('dynamodb', actions), arn, conditions),
      ...withKey(table.encryptionKey, 'dynamodb', actions.some(isWrite) ? WRITE_TABLE : READ_TABLE),
    ];
  }

  const ofQueue = (of: IQueue, actions: readonly string[], keyActions: readonly string[] = []) => [
    allow(prefixed('sqs', actions), of.queueArn),
    ...(keyActions.length > 0 ? withKey(of.encryptionMasterKey, 'sqs', keyActions) : []),
  ];
  const ofSecret = (actions: readonly string[], keyActions: readonly string[]) => [
    allow(prefixed('secretsmanager', actions), secret.secretArn),
    ...withKey(secret.encryptionKey, 'secretsmanager', keyActions),
  ];

  return {
    readKeys: () => inTable(payments, ['GetItem'], KEYS),
    /** Of one payment at a time. */
    changePayments: () => inTable(payments, ['GetItem', 'PutItem'], PAYMENTS),
    /** Lists, and what is due: the index, and then the payments themselves. */
    listPayments: () => [
      ...inTable(payments, ['BatchGetItem'], PAYMENTS),
      ...inTable(payments, ['Query'], PAYMENT_LISTS, index),
    ],
    readStream: () => [
      allow(
        prefixed('dynamodb', ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams']),
        payments.tableStreamArn as string,
      ),
      ...withKey(payments.encryptionKey, 'dynamodb', READ_TABLE),
    ],

    dropDeadLetters: () => inTable(control, ['DeleteItem'], ['dead']),
    /** Puts operations on the list, and takes them off. */
    listDeadLetters: () => inTable(control, ['DeleteItem', 'PutItem', 'UpdateItem'], ['dead']),
    countDeadLetters: () => [
      ...inTable(control, ['Query'], ['dead']),
      ...ofQueue(deadLetters, ['GetQueueAttributes']),
    ],
    /** A write that nobody reads, by which the API tells whether it is ready. */
    probeStore: () => inTable(control, ['PutItem'], ['probe']),
    moveAuditHead: () => inTable(control, ['GetItem', 'PutItem'], ['audit']),
    useSimulator: () =>
      simulator
        ? [
            allow(prefixed('dynamodb', ['GetItem', 'PutItem', 'UpdateItem']), simulator.tableArn),
            ...withKey(simulator.encryptionKey, 'dynamodb', WRITE_TABLE),
          ]
        : [],

    measureQueue: () => ofQueue(queue, ['GetQueueAttributes']),
    send: () => ofQueue(queue, ['SendMessage'], READ_AND_WRITE),
    consume: () =>
      ofQueue(
        queue,
        ['ChangeMessageVisibility', 'DeleteMessage', 'GetQueueAttributes', 'ReceiveMessage'],
        READ,
      ),

    /** Objects are only added: the role that writes the log cannot delete from it. */
    writeAudit: () => [
      allow(['s3:GetObject', 's3:PutObject'], auditBucket.arnForObjects('audit/*')),
      ...withKey(auditBucket.encryptionKey, 's3', READ_AND_WRITE),
    ],
    /** What Lambda does with the role of a reader of the stream whose batch it gives up. */
    giveUpBatches: () => [
      allow(['s3:PutObject'], failedEvents.arnForObjects(`${FAILED_PREFIX}*`)),
      allow(['s3:ListBucket'], failedEvents.bucketArn),
      ...withKey(failedEvents.encryptionKey, 's3', READ_AND_WRITE),
    ],
    recoverBatches: () => [
      allow(['s3:DeleteObject', 's3:GetObject'], failedEvents.arnForObjects(`${FAILED_PREFIX}*`)),
      allow(['s3:ListBucket'], failedEvents.bucketArn, { StringLike: { 's3:prefix': `${FAILED_PREFIX}*` } }),
      ...withKey(failedEvents.encryptionKey, 's3', READ),
    ],

    readSecret: () => ofSecret(['GetSecretValue'], READ),
    rotateSecret: () => [
      ...ofSecret(
        ['DescribeSecret', 'GetSecretValue', 'PutSecretValue', 'UpdateSecretVersionStage'],
        READ_AND_WRITE,
      ),
      // There is no resource level: it makes characters.
      allow(['secretsmanager:GetRandomPassword'], '*'),
    ],
  };
}

function isWrite(action: string): boolean {
  return action === 'PutItem' || action === 'DeleteItem';
}

function prefixed(service: string, actions: readonly string[]): string[] {
  return actions.map((action) => `${service}:${action}`);
}

function allow(actions: readonly string[], resource: string, conditions?: Conditions): PolicyStatement {
  return new PolicyStatement({
    actions: [...actions],
    resources: [resource],
    ...(conditions && { conditions }),
  });
}
