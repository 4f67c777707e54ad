import { Duration, Stack } from 'aws-cdk-lib';
import { Queue, QueueEncryption, RedrivePermission } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { Names } from '../names.ts';

/** Three would burn out on throttled receives alone, which count although nothing was tried. */
const MAX_RECEIVES = 5;

export interface WorkQueuesProps {
  readonly names: Names;
  /** At least six times the worker's time-out: shorter, and work is handed out again while its first holder has it. */
  readonly visibilityTimeout: Duration;
}

/** The work queue, and where SQS puts what was received too often. Lost work is not lost data: the sweep finds it. */
export class WorkQueues extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, { names, visibilityTimeout }: WorkQueuesProps) {
    super(scope, id);
    const queueName = names.of('payment-queue');
    const shared = {
      encryption: QueueEncryption.KMS_MANAGED,
      // KMS is asked once an hour by each caller, not every five minutes.
      dataKeyReuse: Duration.hours(1),
      enforceSSL: true,
    };
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...shared,
      queueName: names.of('payment-dlq'),
      retentionPeriod: Duration.days(14),
      redriveAllowPolicy: {
        redrivePermission: RedrivePermission.BY_QUEUE,
        // By name: each queue names the other, and two references would be a cycle.
        sourceQueues: [
          Queue.fromQueueArn(
            this,
            'Source',
            Stack.of(this).formatArn({ service: 'sqs', resource: queueName }),
          ),
        ],
      },
    });
    this.queue = new Queue(this, 'Queue', {
      ...shared,
      queueName,
      visibilityTimeout,
      retentionPeriod: Duration.days(4),
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: MAX_RECEIVES },
    });
  }
}
