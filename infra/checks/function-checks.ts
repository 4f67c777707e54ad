import { at, flatText, items, numberOf } from '../nag/template-values.ts';
import { type Expected, unless, wants } from './differences.ts';
import type { Deployment, TemplateCheck } from './template-check.ts';
import type { Resource, TemplateModel } from './template-model.ts';

/** Memory, time-out and reserved executions. */
const FIGURES: Readonly<
  Record<string, readonly [memoryMb: number, timeoutSeconds: number, reserved: number]>
> = {
  'payment-processor': [512, 30, 50],
  'event-handler': [256, 60, 20],
  'payment-relay': [256, 60, 20],
  'payment-audit': [512, 120, 20],
  'payment-sweep': [256, 120, 1],
  'payment-authorizer': [256, 10, 20],
  'payment-rotation': [256, 60, 1],
};

function expected(name: string): Expected {
  const [MemorySize = 0, Timeout = 0, ReservedConcurrentExecutions = 0] = FIGURES[name] ?? [];
  return {
    Architectures: ['arm64'],
    Runtime: 'nodejs24.x',
    MemorySize,
    Timeout,
    ReservedConcurrentExecutions,
    VpcConfig: { SubnetIds: [/privateSubnet1/, /privateSubnet2/], SecurityGroupIds: [/LambdaSg/] },
    LoggingConfig: { LogFormat: 'JSON' },
  };
}

/** Behind CloudFront the API looks keys up by itself. */
function isThere(name: string, { edge }: Deployment): boolean {
  return name !== 'payment-authorizer' || edge !== 'cloudfront';
}

/** API Gateway samples requests. Of all else Lambda records one a second and 5 % more, too much but in `dev`. */
function beginsTraces(name: string, { profile, edge }: Deployment): boolean {
  if (name === 'payment-processor') return edge !== 'cloudfront';
  return name === 'payment-authorizer' || profile === 'dev';
}

function functionsAre(names: readonly string[]): TemplateCheck['find'] {
  return (template, deployment) =>
    names.flatMap((name) => {
      if (!isThere(name, deployment)) return [];
      const logs = template
        .ofType('AWS::Logs::LogGroup')
        .find(({ properties }) =>
          flatText(at(properties, 'LogGroupName')).startsWith(`/aws/lambda/${name}-`),
        );
      return [
        ...wants(template.named('AWS::Lambda::Function', name), name, expected(name)),
        ...wants(logs, `logs of ${name}`, { RetentionInDays: deployment.profile === 'prod' ? 365 : 7 }),
      ];
    });
}

export interface Mapping {
  readonly mapping: Resource;
  readonly source: Resource | undefined;
  readonly fn: Resource | undefined;
}

/** Event source → queue or table, and → alias → function. */
export function mappings(template: TemplateModel): Mapping[] {
  return template.ofType('AWS::Lambda::EventSourceMapping').map((mapping) => {
    const [target] = template.referred(
      at(mapping.properties, 'FunctionName'),
      'AWS::Lambda::Alias',
      'AWS::Lambda::Function',
    );
    const [fn] =
      target?.type === 'AWS::Lambda::Alias'
        ? template.referred(at(target.properties, 'FunctionName'), 'AWS::Lambda::Function')
        : [target];
    const [source] = template.referred(at(mapping.properties, 'EventSourceArn'));
    return { mapping, source, fn };
  });
}

function streams(template: TemplateModel): Mapping[] {
  return mappings(template).filter(({ source }) => source?.type === 'AWS::DynamoDB::Table');
}

function named(found: readonly Mapping[], name: string): Resource | undefined {
  return found.find(({ fn }) => flatText(at(fn?.properties, 'FunctionName')).startsWith(`${name}-`))?.mapping;
}

function number(value: unknown): number {
  return value === undefined ? Number.NaN : numberOf(value, 'A figure of an event source');
}

export const FUNCTION_CHECKS: readonly TemplateCheck[] = [
  {
    says: 'row 8: payment-processor is arm64 with 512 MB, 30 s and 50 reserved executions, and logs for 7 or 365 days',
    find: functionsAre(['payment-processor']),
  },
  {
    says: 'row 8: API and worker are deployed by steps and rolled back on alarms, at once in dev',
    find: (template, { profile }) =>
      ['payment-processor', 'event-handler'].flatMap((name) => {
        const group = template.named('AWS::CodeDeploy::DeploymentGroup', name);
        return [
          ...wants(group, `deployment of ${name}`, {
            DeploymentConfigName:
              profile === 'prod'
                ? 'CodeDeployDefault.LambdaCanary10Percent5Minutes'
                : 'CodeDeployDefault.LambdaAllAtOnce',
            AutoRollbackConfiguration: { Enabled: true },
            AlarmConfiguration: { Enabled: true },
          }),
          ...unless(
            items(at(group?.properties, 'AlarmConfiguration', 'Alarms')).length > 0,
            `no alarm rolls ${name} back`,
          ),
        ];
      }),
  },
  {
    says: 'row 9: event-handler is arm64 with 256 MB and 60 s, and takes ten messages of a second at a time from payment-queue',
    find: (template) => [
      ...functionsAre(['event-handler'])(template, { profile: 'dev', region: '', suffix: '' }).filter(
        (problem) => !problem.startsWith('logs'),
      ),
      ...wants(named(mappings(template), 'event-handler'), 'mapping of event-handler', {
        BatchSize: 10,
        MaximumBatchingWindowInSeconds: 1,
        Enabled: true,
        EventSourceArn: /QueuesQueue\w+\.Arn/,
      }),
    ],
  },
  {
    says: 'row 10: relay, audit, sweep, authorizer and rotation have their figures',
    find: functionsAre([
      'payment-relay',
      'payment-audit',
      'payment-sweep',
      'payment-authorizer',
      'payment-rotation',
    ]),
  },
  {
    says: 'row 10: relay reads 100 changes within a second, audit 1,000 within five minutes (one in dev)',
    find: (template, { profile }) => [
      ...wants(named(streams(template), 'payment-relay'), 'mapping of payment-relay', {
        BatchSize: 100,
        MaximumBatchingWindowInSeconds: 1,
      }),
      ...wants(named(streams(template), 'payment-audit'), 'mapping of payment-audit', {
        BatchSize: 1_000,
        MaximumBatchingWindowInSeconds: profile === 'prod' ? 300 : 60,
      }),
    ],
  },
  {
    says: 'row 10: the sweep runs every five minutes',
    find: (template) =>
      wants(template.named('AWS::Events::Rule', 'payment-sweep'), 'schedule of the sweep', {
        ScheduleExpression: 'rate(5 minutes)',
        State: 'ENABLED',
      }),
  },
  {
    says: 'trap: messages stay hidden for at least six times the function’s time-out and the batch window',
    find: (template) =>
      mappings(template)
        .filter(({ source }) => source?.type === 'AWS::SQS::Queue')
        .flatMap(({ mapping, source, fn }) => {
          const hidden = number(at(source?.properties, 'VisibilityTimeout') ?? 30);
          const timeout = number(at(fn?.properties, 'Timeout'));
          const window = number(at(mapping.properties, 'MaximumBatchingWindowInSeconds') ?? 0);
          return unless(
            hidden >= 6 * timeout + window,
            `hidden for ${hidden} s, the function takes ${timeout} s, its batch ${window} s`,
          );
        }),
  },
  {
    says: 'trap: every queue and stream source reports which items failed, and there are three of them',
    find: (template) => [
      ...unless(mappings(template).length === 3, `${mappings(template).length} event sources`),
      ...mappings(template).flatMap(({ mapping }) =>
        wants(mapping, mapping.id, { FunctionResponseTypes: ['ReportBatchItemFailures'] }),
      ),
    ],
  },
  {
    says: 'trap: no queue is polled by more than the function’s reserved executions',
    find: (template) =>
      mappings(template)
        .filter(({ source }) => source?.type === 'AWS::SQS::Queue')
        .flatMap(({ mapping, fn }) => {
          const most = number(at(mapping.properties, 'ScalingConfig', 'MaximumConcurrency'));
          const reserved = at(fn?.properties, 'ReservedConcurrentExecutions');
          const holds = reserved === undefined ? most > 0 : most <= number(reserved);
          return unless(holds, `${mapping.id} polls for ${most}, reserved are ${String(reserved)}`);
        }),
  },
  {
    says: 'trap: streams are read from the start, bisected, given up within a day, and put aside whole',
    find: (template) =>
      streams(template).flatMap(({ mapping }) => [
        ...wants(mapping, mapping.id, {
          StartingPosition: 'TRIM_HORIZON',
          BisectBatchOnFunctionError: true,
          DestinationConfig: { OnFailure: { Destination: /FailedEvents/ } },
        }),
        ...unless(
          number(at(mapping.properties, 'MaximumRecordAgeInSeconds')) < 24 * 60 * 60,
          `${mapping.id} holds changes for as long as the stream`,
        ),
        ...unless(
          number(at(mapping.properties, 'MaximumRetryAttempts')) > 0,
          `${mapping.id} retries without end or not at all`,
        ),
      ]),
  },
  {
    says: 'trap: only the write that dispatches wakes the relay, and only payments the audit',
    find: (template) => [
      ...wants(named(streams(template), 'payment-relay'), 'mapping of payment-relay', {
        FilterCriteria: {
          Filters: [{ Pattern: /^\{"dynamodb":\{"NewImage":\{"dispatch":\{"S":\[\{"exists":true/ }],
        },
      }),
      ...wants(named(streams(template), 'payment-audit'), 'mapping of payment-audit', {
        FilterCriteria: {
          Filters: [{ Pattern: /"eventName":\["INSERT","MODIFY"\].*"record":\{"B":\[\{"exists":true/ }],
        },
      }),
    ],
  },
  {
    says: 'trap: in prod no function begins traces before which nothing samples them',
    find: (template, deployment) =>
      Object.keys(FIGURES).flatMap((name) => {
        if (!isThere(name, deployment)) return [];
        return wants(template.named('AWS::Lambda::Function', name), name, {
          TracingConfig: { Mode: beginsTraces(name, deployment) ? 'Active' : 'PassThrough' },
        });
      }),
  },
  {
    says: 'trap: a dead-letter queue of the function only where it is invoked asynchronously',
    find: (template, deployment) =>
      Object.keys(FIGURES).flatMap((name) => {
        if (!isThere(name, deployment)) return [];
        const isAsynchronous = ['payment-sweep', 'payment-rotation'].includes(name);
        return wants(template.named('AWS::Lambda::Function', name), name, {
          DeadLetterConfig: isAsynchronous ? { TargetArn: /FailedInvocations/ } : null,
        });
      }),
  },
];
