import { ArnFormat, Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';
import type { Settings } from '../settings.ts';

/** What encrypting or decrypting one message or object under a data key takes. */
const DATA_KEY_ACTIONS = ['kms:Decrypt', 'kms:GenerateDataKey*'];

export interface EncryptionProps {
  readonly names: Names;
  readonly profile: Settings['profile'];
}

/**
 * The deployment's one customer-managed key. AWS services that publish alerts may use it: with an AWS-managed key,
 * whose policy nobody can change, their messages to an encrypted topic or queue would be dropped without a word.
 */
export class Encryption extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, { names, profile }: EncryptionProps) {
    super(scope, id);
    const prod = profile === 'prod';
    this.key = new Key(this, 'Key', {
      alias: names.of('payment'),
      description: 'Payments, their audit log, credentials, logs and alerts',
      enableKeyRotation: true,
      // Whatever prod retains is unreadable without the key.
      removalPolicy: prod ? RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE : RemovalPolicy.DESTROY,
      pendingWindow: Duration.days(prod ? 30 : 7),
    });
    this.#allowAlerts();
    this.#allowScalingNotices();
    this.#allowLogs();
    if (prod) this.#allowTrail();
  }

  /**
   * Publishers are held to this account's topics and queues by the encryption context, which SNS and SQS always give,
   * and not by `aws:SourceAccount`: a key policy with it fails EventBridge's messages to encrypted topics (SNS
   * Developer Guide, "Key management"). The topics' own policies ask for the source account.
   */
  #allowAlerts(): void {
    const publishers = ['budgets', 'cloudwatch', 'costalerts', 'events'];
    this.#allow('AlertsToTopics', publishers, DATA_KEY_ACTIONS, {
      ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': this.#inAccount('sns', '*') },
    });
    // Rules and topics put what they could not deliver into a queue.
    this.#allow('AlertsToQueues', ['events', 'sns'], DATA_KEY_ACTIONS, {
      ArnLike: { 'kms:EncryptionContext:aws:sqs:arn': this.#inAccount('sqs', '*') },
    });
  }

  /**
   * Auto Scaling tells a topic of each launch by its service-linked role. A fresh account has no such role yet, and a
   * key policy that names a missing role is refused; so it is named by a condition.
   */
  #allowScalingNotices(): void {
    const role = 'aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling';
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid: 'ScalingNoticesToTopics',
        principals: [new AnyPrincipal()],
        actions: DATA_KEY_ACTIONS,
        resources: ['*'],
        conditions: {
          StringEquals: { 'kms:CallerAccount': Aws.ACCOUNT_ID },
          ArnEquals: {
            'aws:PrincipalArn': Stack.of(this).formatArn({
              service: 'iam',
              region: '',
              resource: 'role',
              resourceName: role,
            }),
          },
          ArnLike: { 'kms:EncryptionContext:aws:sns:topicArn': this.#inAccount('sns', '*') },
        },
      }),
    );
  }

  #allowLogs(): void {
    const actions = [
      'kms:Encrypt*',
      'kms:Decrypt*',
      'kms:ReEncrypt*',
      'kms:GenerateDataKey*',
      'kms:Describe*',
    ];
    // The guide names the principal of the region, and a log group whose key does not let it in is not made.
    this.#allow('LogGroups', ['logs', `logs.${Stack.of(this).region}`], actions, {
      ArnLike: { 'kms:EncryptionContext:aws:logs:arn': this.#inAccount('logs', 'log-group:*') },
    });
  }

  #allowTrail(): void {
    const trails = Stack.of(this).formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: '*' });
    this.#allow('TrailEncrypts', ['cloudtrail'], ['kms:GenerateDataKey*'], {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
      ArnLike: { 'aws:SourceArn': trails, 'kms:EncryptionContext:aws:cloudtrail:arn': trails },
    });
    this.#allow('TrailChecksKey', ['cloudtrail'], ['kms:DescribeKey'], {
      StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID },
    });
  }

  #allow(sid: string, services: string[], actions: string[], conditions: PolicyConditions): void {
    this.key.addToResourcePolicy(
      new PolicyStatement({
        sid,
        principals: services.map((service) => new ServicePrincipal(`${service}.amazonaws.com`)),
        actions,
        resources: ['*'],
        conditions,
      }),
    );
  }

  #inAccount(service: string, resource: string): string {
    return Stack.of(this).formatArn({ service, resource, arnFormat: ArnFormat.NO_RESOURCE_NAME });
  }
}

type PolicyConditions = Record<string, Record<string, string>>;
