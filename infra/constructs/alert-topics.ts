import { Aws, Duration } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';

export interface AlertTopicsProps {
  readonly names: Names;
  /** Its policy must let the publishers use it: see `Encryption`. */
  readonly key: IKey;
  /**
   * Gets every alert, once its owner has confirmed the subscription.
   * @default - nobody by e-mail
   */
  readonly alertEmail?: string | null;
}

/** Where alarms, findings and bills are reported: one topic for each audience. */
export class AlertTopics extends Construct {
  readonly cost: Topic;
  readonly security: Topic;
  readonly ops: Topic;
  /** Alerts that no mail server took. Only with an e-mail address. */
  readonly undelivered?: Queue;

  constructor(scope: Construct, id: string, { names, key, alertEmail }: AlertTopicsProps) {
    super(scope, id);
    if (alertEmail) {
      this.undelivered = new Queue(this, 'Undelivered', {
        queueName: names.of('payment-alerts-dlq'),
        encryption: QueueEncryption.KMS,
        encryptionMasterKey: key,
        enforceSSL: true,
        retentionPeriod: Duration.days(14),
      });
    }
    const topic = (
      topicId: string,
      name: string,
      displayName: string,
      publishers: readonly string[],
    ): Topic => {
      const made = new Topic(this, topicId, {
        topicName: names.of(name),
        displayName: `Payment Processing ${displayName}`,
        masterKey: key,
        enforceSSL: true,
      });
      for (const service of publishers) made.addToResourcePolicy(publishing(made, service));
      made.addToResourcePolicy(publishingOfRules(made));
      if (alertEmail) {
        made.addSubscription(new EmailSubscription(alertEmail, { deadLetterQueue: this.undelivered }));
      }
      return made;
    };
    this.cost = topic('Cost', 'cost-alerts', 'Cost Alerts', [
      'cloudwatch',
      'events',
      'budgets',
      'costalerts',
    ]);
    this.security = topic('Security', 'security-alerts', 'Security Alerts', ['cloudwatch', 'events']);
    this.ops = topic('Ops', 'ops-alerts', 'Ops Alerts', ['cloudwatch', 'events']);
  }
}

/**
 * A topic's own policy replaces the one that SNS would give it: with nothing in it but the refusal of plain HTTP, AWS
 * services could not publish, and an alarm that cannot publish fails without a word.
 */
function publishing(topic: Topic, service: string): PolicyStatement {
  return new PolicyStatement({
    sid: `Publish-${service}`,
    principals: [new ServicePrincipal(`${service}.amazonaws.com`)],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
    conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
  });
}

/**
 * EventBridge's guide says that conditions cannot be used in topic policies for it: with the statement above alone, the
 * alerts of rules may be dropped without a word. It needs none to be safe: a rule may name a topic by its policy only
 * in the same account; from another account it publishes by a role, which this principal is not.
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html#eb-sns-permissions
 */
function publishingOfRules(topic: Topic): PolicyStatement {
  return new PolicyStatement({
    sid: 'Publish-rules',
    principals: [new ServicePrincipal('events.amazonaws.com')],
    actions: ['sns:Publish'],
    resources: [topic.topicArn],
  });
}
