import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import { at, flatText, items, numberOf } from '../../infra/nag/template-values.ts';
import { HOURS_PER_MONTH, MEGABYTES_PER_GB } from '../model/stated.ts';
import { free, type Part, type Registry } from './reader.ts';
import { invoked } from './sources.ts';

/** What every function has of its own for nothing. */
const FREE_DISK_MB = 512;
/** Lambda's default. */
const LEAST_MEMORY_MB = 128;
const SECONDS_PER_HOUR = 3_600;

export const FUNCTIONS: Registry = {
  'AWS::Lambda::Function': { fixed: extras },
  'AWS::Lambda::Alias': { fixed: provisioned },
  'AWS::Lambda::Version': { fixed: provisioned },
  'AWS::Lambda::EventSourceMapping': { fixed: pollers },
  ...free('a function URL has no price of its own', 'AWS::Lambda::Url'),
  ...free(
    'it only says who may call or what happens then',
    'AWS::Lambda::Permission',
    'AWS::Lambda::EventInvokeConfig',
  ),
  ...free('the code itself is kept for nothing', 'AWS::Lambda::LayerVersion'),
  ...free(
    'CodeDeploy costs nothing for Lambda',
    'AWS::CodeDeploy::Application',
    'AWS::CodeDeploy::DeploymentGroup',
    'AWS::CodeDeploy::DeploymentConfig',
  ),
};

/** Requests and GB-seconds are the model's; a larger disk or snapshots would come on top. */
function extras(functions: readonly Resource[]): Part[] {
  return functions.flatMap(({ id, properties }) => {
    const disk = numberOf(at(properties, 'EphemeralStorage', 'Size') ?? FREE_DISK_MB, `the disk of ${id}`);
    const snapshots = flatText(at(properties, 'SnapStart', 'ApplyOn'));
    return [
      ...(disk > FREE_DISK_MB ? [{ logicalId: id, why: `${disk} MB of disk: the model counts none` }] : []),
      ...(snapshots && snapshots !== 'None'
        ? [{ logicalId: id, why: 'SnapStart: the model counts none' }]
        : []),
    ];
  });
}

function provisioned(aliases: readonly Resource[], template: TemplateModel): Part[] {
  return aliases.flatMap(({ id, properties }): Part[] => {
    const config = at(properties, 'ProvisionedConcurrencyConfig', 'ProvisionedConcurrentExecutions');
    if (config === undefined) return [];
    const count = numberOf(config, `the provisioned concurrency of ${id}`);
    const [fn] = invoked(at(properties, 'FunctionName'), template);
    if (!fn)
      return [{ logicalId: id, why: 'provisioned concurrency of a function that is not in the template' }];
    const memoryMb = numberOf(at(fn.properties, 'MemorySize') ?? LEAST_MEMORY_MB, `the memory of ${fn.id}`);
    const arm = items(at(fn.properties, 'Architectures')).includes('arm64');
    return [
      {
        component: 'functions',
        what: `provisioned concurrency: ${flatText(at(fn.properties, 'FunctionName')) || fn.id}`,
        price: arm ? 'lambda.provconc.arm' : 'lambda.provconc.x86',
        quantity: (count * memoryMb * HOURS_PER_MONTH * SECONDS_PER_HOUR) / MEGABYTES_PER_GB,
        basis: 'template',
        derivation: `${count} × ${memoryMb} MB × ${HOURS_PER_MONTH} hours`,
      },
    ];
  });
}

/** Polling is free, but for pollers that are kept for one source. */
function pollers(sources: readonly Resource[]): Part[] {
  return sources
    .filter(({ properties }) => at(properties, 'ProvisionedPollerConfig') !== undefined)
    .map(({ id }) => ({ logicalId: id, why: 'pollers kept for one source: the model counts none' }));
}
