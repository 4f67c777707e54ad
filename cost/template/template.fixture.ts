import { readTemplate as readModel, type TemplateModel } from '../../infra/checks/template-model.ts';
import type { UnknownResource, Usage } from '../bill/usage.ts';
import { readStanding } from './read-template.ts';
import { FUNCTION_NAMES } from './sources.ts';

export interface TemplateResource {
  readonly Type: string;
  readonly Properties: object;
}

export type Resources = Readonly<Record<string, TemplateResource>>;

export function resource(Type: string, Properties: object = {}): TemplateResource {
  return { Type, Properties };
}

export function ref(logicalId: string): object {
  return { Ref: logicalId };
}

export function modelWith(resources: Resources): TemplateModel {
  return readModel({ Resources: resources }, 'dev');
}

interface Standing {
  /** Quantities by price, each once for every line. */
  readonly quantities: readonly (readonly [price: string, quantity: number])[];
  readonly fixed: readonly Usage[];
  readonly unknown: readonly UnknownResource[];
}

/** What these resources cost by being there. */
export function standing(resources: Resources): Standing {
  const { fixed, unknown } = readStanding(modelWith(resources));
  return { fixed, unknown, quantities: fixed.map(({ price, quantity }) => [price, quantity]) };
}

function functions(): Resources {
  return Object.fromEntries(
    Object.entries(FUNCTION_NAMES).flatMap(([name, called]) => [
      [
        `${name}Function`,
        resource('AWS::Lambda::Function', {
          FunctionName: `${called}-dev`,
          MemorySize: 512,
          Architectures: ['arm64'],
          LoggingConfig: { LogFormat: 'JSON', SystemLogLevel: 'WARN' },
        }),
      ],
      [
        `${name}Alias`,
        resource('AWS::Lambda::Alias', { FunctionName: ref(`${name}Function`), Name: 'live' }),
      ],
    ]),
  );
}

/** As the CDK writes the name of a function with an alias. */
function aliasOf(name: string): object {
  const parts = { 'Fn::Split': [':', ref(`${name}Alias`)] };
  return { 'Fn::Join': ['', [{ 'Fn::Select': [6, parts] }, ':live']] };
}

/** The least that a template of the payment stack has; what is named otherwise takes its place. */
export function someTemplate(resources: Resources = {}): { Resources: Resources } {
  const source = (name: string, properties: object) =>
    resource('AWS::Lambda::EventSourceMapping', { FunctionName: aliasOf(name), ...properties });
  const table = (name: string) =>
    resource('AWS::DynamoDB::Table', { TableName: `${name}-dev`, BillingMode: 'PAY_PER_REQUEST' });
  return {
    Resources: {
      ...functions(),
      RelaySource: source('relay', { BatchSize: 100, MaximumBatchingWindowInSeconds: 1 }),
      AuditSource: source('audit', { BatchSize: 1_000, MaximumBatchingWindowInSeconds: 300 }),
      WorkerSource: source('worker', {
        BatchSize: 10,
        Enabled: true,
        ScalingConfig: { MaximumConcurrency: 20 },
      }),
      Sweep: resource('AWS::Events::Rule', {
        ScheduleExpression: 'rate(5 minutes)',
        Targets: [{ Arn: ref('sweepAlias') }],
      }),
      Payments: table('payments'),
      Control: table('payment-control'),
      Audit: resource('AWS::S3::Bucket', {
        BucketName: { 'Fn::Join': ['', ['payment-audit-logs-dev-', ref('AWS::AccountId')]] },
      }),
      Stage: resource('AWS::ApiGateway::Stage', { StageName: 'prod' }),
      ...resources,
    },
  };
}
