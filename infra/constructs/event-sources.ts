import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import {
  type EventSourceMappingOptions,
  FilterCriteria,
  FilterRule,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { S3OnFailureDestination } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { PAYMENTS_TABLE } from '../../src/adapters/dynamodb/table-schema.ts';
import type { Names } from '../names.ts';
import type { PaymentFunction } from './payment-function.ts';
import { SHAPES } from './payment-functions.ts';

export interface EventSourcesProps {
  readonly names: Names;
  readonly profile: 'dev' | 'prod';
  readonly relay: PaymentFunction;
  readonly audit: PaymentFunction;
  readonly worker: PaymentFunction;
  readonly sweep: PaymentFunction;
  /** Whose stream is the change feed. */
  readonly payments: ITable;
  readonly queue: IQueue;
  readonly failedEvents: IBucket;
  readonly failedInvocations: IQueue;
  /** Whether the function takes work from the queue, or only the fleet does. */
  readonly worksQueue: boolean;
  /** Seconds for which the relay's changes are collected, so that several are one invocation and one request. */
  readonly relayWindowSeconds: number;
}

/**
 * For so long the queue's poller collects messages: one invocation then waits for several PSPs at once, and waiting is
 * what it is paid for. The time that messages are hidden has to cover it.
 */
export const QUEUE_WINDOW = Duration.seconds(1);

const SWEEP_EVERY = Duration.minutes(5);

/**
 * A stream keeps changes for 24 hours. What a reader has failed on for twelve is put aside as a whole, so that the
 * changes behind it are read in time; the sweep gives it to the same reader again.
 */
const MAX_RECORD_AGE = Duration.hours(12);
const MAX_RETRIES = 10;

/**
 * Only the write that adds an operation carries `dispatch`: a filter on pending operations would send work again for
 * each failed attempt, which is a change too.
 */
const DISPATCHES = { dynamodb: { NewImage: { dispatch: { S: FilterRule.exists() } } } };

/** Keys are in the same table and have no record of a payment; a deletion by TTL is not a change. */
const CHANGES_PAYMENT = {
  eventName: FilterRule.or('INSERT', 'MODIFY'),
  dynamodb: { NewImage: { [PAYMENTS_TABLE.recordAttribute]: { B: FilterRule.exists() } } },
};

/** What invokes the functions that no request invokes. */
export class EventSources extends Construct {
  readonly sweepSchedule: Rule;

  constructor(scope: Construct, id: string, props: EventSourcesProps) {
    super(scope, id);
    const { names, profile, relay, audit, worker, sweep, payments, queue, failedInvocations } = props;

    worker.alias.addEventSourceMapping('Queue', {
      eventSourceArn: queue.queueArn,
      batchSize: 10,
      maxBatchingWindow: QUEUE_WINDOW,
      // One message that cannot be seen to must not bring the other nine back.
      reportBatchItemFailures: true,
      // With the reservation alone the poller takes messages that it then cannot hand over: they come back, each time
      // counted as received, until the queue puts them aside.
      maxConcurrency: SHAPES.worker.concurrency,
      enabled: props.worksQueue,
    });

    const stream = {
      eventSourceArn: payments.tableStreamArn as string,
      // From LATEST on, what is written before the mapping polls for the first time would be lost.
      startingPosition: StartingPosition.TRIM_HORIZON,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: MAX_RETRIES,
      maxRecordAge: MAX_RECORD_AGE,
      parallelizationFactor: 1,
      onFailure: new S3OnFailureDestination(props.failedEvents),
      supportS3OnFailureDestination: true,
    } satisfies EventSourceMappingOptions;
    const relaying = relay.alias.addEventSourceMapping('Stream', {
      ...stream,
      batchSize: 100,
      maxBatchingWindow: Duration.seconds(props.relayWindowSeconds),
      filters: [FilterCriteria.filter(DISPATCHES)],
    });
    const auditing = audit.alias.addEventSourceMapping('Stream', {
      ...stream,
      batchSize: 1_000,
      // One object for each batch, and S3 is paid by the object.
      maxBatchingWindow: Duration.seconds(profile === 'prod' ? 300 : 60),
      filters: [FilterCriteria.filter(CHANGES_PAYMENT)],
    });
    // They go before the bucket is emptied, as a `dev` stack does: one batch more, and it could not be deleted.
    for (const mapping of [relaying, auditing]) mapping.node.addDependency(props.failedEvents);

    this.sweepSchedule = new Rule(this, 'SweepSchedule', {
      ruleName: names.of('payment-sweep'),
      description: 'Looks for payments that are due and unsettled',
      schedule: Schedule.rate(SWEEP_EVERY),
      targets: [
        new LambdaFunction(sweep.alias, {
          deadLetterQueue: failedInvocations,
          // The next pass does the same: one that is late is of no use.
          retryAttempts: 3,
          maxEventAge: SWEEP_EVERY,
        }),
      ],
    });
  }
}
