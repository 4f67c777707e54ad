import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { Settings } from '../settings.ts';
import type { AlertTopics } from './alert-topics.ts';
import type { AuditBucket } from './audit-bucket.ts';
import type { Credentials } from './credentials.ts';
import type { GuardedEdge } from './guarded-edge.ts';
import type { Network } from './network.ts';
import type { PaymentTables } from './payment-tables.ts';
import type { WorkQueues } from './work-queues.ts';

interface Parts extends GuardedEdge {
  readonly tables: PaymentTables;
  readonly queues: WorkQueues;
  readonly audit: AuditBucket;
  readonly topics: AlertTopics;
  readonly network: Network;
}

/** By parameter: what the command line and servers find the deployment by. */
export function parameterValues(
  { profile, allowSimulator, hotRetentionDays }: Settings,
  { tables, queues, audit, api }: Omit<Parts, 'topics' | 'network' | 'firewall'>,
  { secret }: Pick<Credentials, 'secret'>,
): Readonly<Record<string, string>> {
  const { payments, control, simulator } = tables;
  return {
    'table-name': payments.tableName,
    'queue-url': queues.queue.queueUrl,
    'bucket-name': audit.bucket.bucketName,
    'api-url': api.url,
    'control-table-name': control.tableName,
    ...(simulator && { 'simulator-table-name': simulator.tableName }),
    'dlq-url': queues.deadLetters.queueUrl,
    'failed-events-bucket': audit.failedEvents.bucketName,
    'secret-id': secret.secretArn,
    profile,
    'allow-simulator': String(allowSimulator),
    'hot-retention-days': String(hotRetentionDays ?? 0),
  };
}

/** What a person sees after a deployment. */
export function addOutputs(
  scope: Construct,
  { api, firewall, tables, queues, audit, topics, network }: Parts,
): void {
  const outputs: Record<string, [value: string, description: string]> = {
    ApiEndpoint: [api.url, 'Address of the API'],
    PaymentsTableName: [tables.payments.tableName, 'Table of payments and API keys'],
    PaymentQueueUrl: [queues.queue.queueUrl, 'Work queue'],
    AuditBucketName: [audit.bucket.bucketName, 'Bucket of the audit log'],
    CostTopicArn: [topics.cost.topicArn, 'Alerts about cost'],
    SecurityTopicArn: [topics.security.topicArn, 'Alerts about security'],
    OpsTopicArn: [topics.ops.topicArn, 'Alerts about operation'],
    VpcId: [network.vpc.vpcId, 'Network of functions and fleet'],
    WafAclArn: [firewall.acl.attrArn, 'Firewall before the API'],
  };
  for (const [name, [value, description]] of Object.entries(outputs)) {
    // Of the stack, so that a name is what it says and not what it is inside of.
    new CfnOutput(Stack.of(scope), name, { value, description });
  }
}
