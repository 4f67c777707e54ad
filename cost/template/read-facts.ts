import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import { at, flatText, items, numberOf } from '../../infra/nag/template-values.ts';
import { SECONDS_PER_MONTH } from '../model/stated.ts';
import { readAuditFacts } from './audit-facts.ts';
import { readBackups } from './backup-facts.ts';
import { readEdgeFacts } from './edge-facts.ts';
import type { DeploymentFacts, FunctionFacts, FunctionName, SourceFacts, TableFacts } from './facts.ts';
import { FLEET, instancesOf } from './instances.ts';
import { timesPerMonth } from './schedule.ts';
import { FUNCTION_NAMES, functionOf, invoked, isEnabled, sourceOf } from './sources.ts';
import { isOnDemand, scaledCapacity } from './table-capacity.ts';
import { TemplateError } from './template-error.ts';

/** Lambda's defaults. */
const LEAST_MEMORY_MB = 128;
const QUEUE_BATCH = 10;

/** Levels of Lambda's own lines at which it writes none for an invocation that went well. */
const TALKATIVE_LEVELS = ['info', 'debug', 'trace'];
const QUIET_LEVELS = ['WARN'];

export function readFacts(
  template: TemplateModel,
  { profile, region }: Pick<DeploymentFacts, 'profile' | 'region'>,
): DeploymentFacts {
  const edge = readEdgeFacts(template);
  return {
    region,
    profile,
    edge,
    functions: readFunctions(template, edge.kind === 'cloudfront'),
    relay: readSource(template, 'relay'),
    audit: readSource(template, 'audit'),
    worker: readSource(template, 'worker'),
    sweepEverySeconds: SECONDS_PER_MONTH / timesPerMonth(sweepSchedule(template)),
    fleet: readFleet(template),
    nat: template.ofType('AWS::EC2::NatGateway').length > 0 ? 'gateway' : 'instance',
    payments: readTable(template, 'payments'),
    control: readTable(template, 'payment-control'),
    backups: readBackups(template),
    ...readAuditFacts(template),
    flowLogs: template.ofType('AWS::EC2::FlowLog').length > 0,
    firewallLogsAll: template
      .ofType('AWS::WAFv2::LoggingConfiguration')
      .some(({ properties }) => flatText(at(properties, 'LoggingFilter', 'DefaultBehavior')) !== 'DROP'),
  };
}

function readFunctions(
  template: TemplateModel,
  withoutAuthorizer: boolean,
): Readonly<Record<FunctionName, FunctionFacts>> {
  const names = Object.keys(FUNCTION_NAMES) as FunctionName[];
  return Object.fromEntries(
    names.map((name) => {
      // Behind CloudFront the API's function looks keys up itself; whatever an authorizer was, nobody invokes it.
      const isApi = withoutAuthorizer && name === 'authorizer' && !functionOf(template, name);
      return [name, readFunction(required(functionOf(template, isApi ? 'api' : name), FUNCTION_NAMES[name]))];
    }),
  ) as Record<FunctionName, FunctionFacts>;
}

function readFunction({ id, properties }: Resource): FunctionFacts {
  const logging = at(properties, 'LoggingConfig');
  return {
    memoryMb: numberOf(at(properties, 'MemorySize') ?? LEAST_MEMORY_MB, `the memory of ${id}`),
    architecture: items(at(properties, 'Architectures')).includes('arm64') ? 'arm64' : 'x86_64',
    traced: flatText(at(properties, 'TracingConfig', 'Mode')) === 'Active',
    logsRequests: TALKATIVE_LEVELS.includes(
      flatText(at(properties, 'Environment', 'Variables', 'LOG_LEVEL')),
    ),
    platformLines: !QUIET_LEVELS.includes(flatText(at(logging, 'SystemLogLevel'))),
  };
}

function readSource(template: TemplateModel, name: FunctionName): SourceFacts {
  const source = required(sourceOf(template, name), `source of ${FUNCTION_NAMES[name]}`);
  const { properties } = source;
  const most = at(properties, 'ScalingConfig', 'MaximumConcurrency');
  return {
    batchSize: numberOf(at(properties, 'BatchSize') ?? QUEUE_BATCH, `the batch of ${name}`),
    windowSeconds: numberOf(at(properties, 'MaximumBatchingWindowInSeconds') ?? 0, `the window of ${name}`),
    enabled: isEnabled(source),
    maxConcurrency: most === undefined ? null : numberOf(most, `the concurrency of ${name}`),
  };
}

function sweepSchedule(template: TemplateModel): string {
  const sweep = functionOf(template, 'sweep')?.id;
  const rule = template
    .ofType('AWS::Events::Rule')
    .find(({ properties }) => invoked(at(properties, 'Targets'), template).some(({ id }) => id === sweep));
  return flatText(at(required(rule, 'schedule of the sweep').properties, 'ScheduleExpression'));
}

function readFleet(template: TemplateModel): DeploymentFacts['fleet'] {
  const fleet = instancesOf(template).find(({ name }) => name.startsWith(`${FLEET}-`));
  if (!fleet || fleet.count === 0) return null;
  return { instances: fleet.count, instanceType: fleet.type, spot: fleet.spot > 0 };
}

function readTable(template: TemplateModel, name: string): TableFacts {
  const table = required(template.named('AWS::DynamoDB::Table', name), `table ${name}`);
  const { properties } = table;
  const infrequent = flatText(at(properties, 'TableClass')) === 'STANDARD_INFREQUENT_ACCESS';
  const capacity = scaledCapacity(table, template);
  const recovery = at(properties, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled');
  return {
    tableClass: infrequent ? 'STANDARD_INFREQUENT_ACCESS' : 'STANDARD',
    billing: isOnDemand(table) ? 'on-demand' : 'provisioned',
    ...(capacity && { capacity }),
    restorable: recovery === true,
  };
}

function required(resource: Resource | undefined, what: string): Resource {
  if (resource) return resource;
  throw new TemplateError(
    `The template has no ${what}. Give one that \`npm run synth\` made of the payment stack.`,
  );
}
