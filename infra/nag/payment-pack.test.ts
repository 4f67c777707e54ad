import { App, CfnResource, Duration, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import {
  AccessLogFormat,
  CfnAccount,
  LogGroupLogDestination,
  MethodLoggingLevel,
  MockIntegration,
  RestApi,
} from 'aws-cdk-lib/aws-apigateway';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AttributeType, Billing, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Alias, Code, Function as Lambda, Runtime, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { rules } from 'cdk-nag';
import { describe, expect, it } from 'vitest';
import { PaymentPack, type PaymentPackProps } from './payment-pack.ts';

/** `rule at path` of all that the pack finds, after the synthesis, which makes dependencies and aspects real. */
function found(stack: Stack, props: PaymentPackProps = {}): string[] {
  Stage.of(stack)?.synth({ force: true });
  const { violations } = new PaymentPack(stack, props).validateScope(stack);
  return violations.flatMap(({ ruleName, violatingResources }) =>
    violatingResources.map(({ constructPath }) => `${ruleName} at ${constructPath}`),
  );
}

function emptyStack(): Stack {
  const app = new App({
    // What the template validation says is not what these tests are about.
    builtinCloudFormationValidation: false,
    context: { '@aws-cdk/aws-iam:minimizePolicies': true },
  });
  return new Stack(app, 'Stack');
}

function addWorker(stack: Stack): { worker: Lambda; live: Alias; queue: Queue } {
  const worker = new Lambda(stack, 'Worker', {
    code: Code.fromInline('exports.handler = async () => {}'),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_LATEST,
    timeout: Duration.seconds(60),
    reservedConcurrentExecutions: 20,
    logGroup: new LogGroup(stack, 'WorkerLogs', { retention: RetentionDays.ONE_YEAR }),
  });
  const live = new Alias(stack, 'Live', { aliasName: 'live', version: worker.currentVersion });
  const queue = new Queue(stack, 'Queue', { visibilityTimeout: Duration.seconds(360) });
  return { worker, live, queue };
}

describe('The payment pack', () => {
  it('finds nothing in queue, stream and table as the constructs of the CDK make them', () => {
    const stack = emptyStack();
    const { live, queue } = addWorker(stack);
    live.addEventSource(new SqsEventSource(queue, { reportBatchItemFailures: true, maxConcurrency: 20 }));
    const table = new TableV2(stack, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      billing: Billing.onDemand({ maxWriteRequestUnits: 1_000 }),
      globalSecondaryIndexes: [
        {
          indexName: 'status-index',
          partitionKey: { name: 'index_pk', type: AttributeType.STRING },
          maxWriteRequestUnits: 2_000,
        },
      ],
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
    });
    live.addEventSource(
      new DynamoEventSource(table, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        bisectBatchOnError: true,
        reportBatchItemFailures: true,
        retryAttempts: 10,
        maxRecordAge: Duration.hours(12),
        onFailure: new SqsDlq(queue),
      }),
    );
    expect(found(stack)).toEqual([]);
  });

  it('finds nothing in an API behind a firewall as the constructs of the CDK make it', () => {
    const stack = emptyStack();
    const account = new CfnAccount(stack, 'Account');
    const logs = new LogGroup(stack, 'Logs', { retention: RetentionDays.ONE_YEAR });
    const api = new RestApi(stack, 'Api', {
      cloudWatchRole: false,
      deployOptions: {
        throttlingRateLimit: 1_000,
        throttlingBurstLimit: 2_000,
        loggingLevel: MethodLoggingLevel.ERROR,
        accessLogDestination: new LogGroupLogDestination(logs),
        accessLogFormat: AccessLogFormat.jsonWithStandardFields(),
      },
    });
    api.root.addMethod('GET', new MockIntegration());
    api.deploymentStage.node.addDependency(account);
    new CfnWebACLAssociation(stack, 'Join', {
      resourceArn: api.deploymentStage.stageArn,
      webAclArn: 'arn:aws:wafv2:us-east-1:123456789012:regional/webacl/w/1',
    });
    expect(found(stack)).toEqual([]);
  });

  it('finds nothing in alerts and audit log as the constructs of the CDK make them', () => {
    const stack = emptyStack();
    const publishers = ['cloudwatch', 'events'].map((name) => new ServicePrincipal(`${name}.amazonaws.com`));
    const key = new Key(stack, 'Key');
    const topic = new Topic(stack, 'Topic', { masterKey: key });
    for (const publisher of publishers) {
      key.grantEncryptDecrypt(publisher);
      topic.grantPublish(publisher.withConditions({ StringEquals: { 'aws:SourceAccount': stack.account } }));
    }
    const { queue } = addWorker(stack);
    const alarm = new Alarm(stack, 'Alarm', {
      metric: queue.metricApproximateNumberOfMessagesVisible(),
      threshold: 1,
      evaluationPeriods: 1,
      alarmDescription: 'Payments wait. Runbook: https://example.com/runbook.md#backlog',
    });
    alarm.addAlarmAction(new SnsAction(topic));
    new Rule(stack, 'Anomalies', {
      eventPattern: { source: ['aws.ce'], detailType: ['Anomaly Detected'] },
      targets: [new SnsTopic(topic)],
    });
    new Bucket(stack, 'Audit', {
      bucketName: `payment-audit-logs-x-${stack.account}`,
      enforceSSL: true,
      versioned: true,
      objectLockDefaultRetention: ObjectLockRetention.compliance(Duration.days(365)),
      removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    // An L2 trail brings a bucket of its own, which would only hide what this is about.
    expect(found(stack)).toEqual(['Payment-AuditBucketTrail at Stack/Audit/Resource']);
  });

  it('sees overrides, which the packs of cdk-nag do not', () => {
    const stack = emptyStack();
    const { live, queue } = addWorker(stack);
    live.addEventSource(new SqsEventSource(queue, { reportBatchItemFailures: true, maxConcurrency: 20 }));
    const resource = queue.node.defaultChild;
    if (!CfnResource.isCfnResource(resource)) throw new Error('A queue has a resource');
    resource.addPropertyOverride('VisibilityTimeout', 30);
    expect(found(stack)).toEqual([
      expect.stringMatching(/^Payment-QueueVisibility at Stack\/Live\/SqsEventSource:\w+\/Resource$/),
    ]);
    const mapping = stack.node.findAll().find((node) => node.node.path.includes('SqsEventSource'));
    const inside = mapping?.node.defaultChild;
    if (!CfnResource.isCfnResource(inside)) throw new Error('A mapping has a resource');
    expect(rules.lambda.LambdaEventSourceSQSVisibilityTimeout(inside)).not.toBe('Non-Compliant');
  });

  it('leaves what belongs to another stack to that stack', () => {
    const theirs = emptyStack();
    const { queue } = addWorker(theirs);
    const stack = new Stack(theirs.node.scope, 'Other');
    const { live } = addWorker(stack);
    live.addEventSource(new SqsEventSource(queue, { reportBatchItemFailures: true, maxConcurrency: 20 }));
    expect(found(stack)).toEqual([]);
  });

  it('reads a stack again each time, since it may have changed', () => {
    const stack = emptyStack();
    const pack = new PaymentPack(stack);
    const run = () => pack.validateScope(stack).violations.map(({ ruleName }) => ruleName);
    expect(run()).toEqual([]);
    new CfnResource(stack, 'Logs', { type: 'AWS::Logs::LogGroup' });
    expect(run()).toEqual(['Payment-LogRetention']);
  });

  it('asks less of a stack that goes with cdk destroy', () => {
    const stack = emptyStack();
    new LogGroup(stack, 'Logs', { retention: RetentionDays.ONE_WEEK });
    expect(found(stack, { profile: 'dev' })).toEqual([]);
    expect(found(stack, { profile: 'prod' })).toEqual(['Payment-LogRetention at Stack/Logs/Resource']);
    expect(found(stack)).toEqual(['Payment-LogRetention at Stack/Logs/Resource']);
  });

  it('says with each finding why, and on what ground', () => {
    const stack = emptyStack();
    new CfnResource(stack, 'Logs', { type: 'AWS::Logs::LogGroup' });
    const [violation] = new PaymentPack(stack).validateScope(stack).violations;
    expect(violation?.description).toContain('PCI DSS 4.0.1 requirement 10.5.1');
  });

  it('finds, instead of passing, what it cannot read', () => {
    const stack = emptyStack();
    new CfnResource(stack, 'Logs', {
      type: 'AWS::Logs::LogGroup',
      properties: { RetentionInDays: { Ref: 'AWS::Region' } },
    });
    const [violation] = new PaymentPack(stack).validateScope(stack).violations;
    expect(violation?.description).toContain('must be a plain number');
  });
});
