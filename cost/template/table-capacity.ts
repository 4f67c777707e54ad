import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import { at, flatText, items, numberOf } from '../../infra/nag/template-values.ts';
import type { ScaledCapacity } from './facts.ts';

export const SCALABLE_TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';
export const SCALING_POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';

/** DynamoDB's default is provisioned. */
export function isOnDemand({ properties }: Resource): boolean {
  return flatText(at(properties, 'BillingMode')) === 'PAY_PER_REQUEST';
}

/** Whether anything at all of a table scales, so that what its template says of capacity is only the beginning. */
export function scales(table: Resource, template: TemplateModel): boolean {
  return targets(template).some(({ properties }) =>
    namesOf(table).some((name) => `${flatText(at(properties, 'ResourceId'))}/`.startsWith(`table/${name}/`)),
  );
}

/**
 * The capacity of a table that has one index, where writes and reads of both follow one share of what is used;
 * otherwise nothing, since the model knows no other.
 */
export function scaledCapacity(table: Resource, template: TemplateModel): ScaledCapacity | undefined {
  const [index, ...others] = items(at(table.properties, 'GlobalSecondaryIndexes'));
  if (isOnDemand(table) || index === undefined || others.length > 0) return undefined;
  const path = `/index/${flatText(at(index, 'IndexName'))}`;
  const tableWrites = scalingOf(table, '', 'write', template);
  const tableReads = scalingOf(table, '', 'read', template);
  const indexWrites = scalingOf(table, path, 'write', template);
  const indexReads = scalingOf(table, path, 'read', template);
  if (!tableWrites || !tableReads || !indexWrites || !indexReads) return undefined;
  const { targetShare } = tableWrites;
  if ([tableReads, indexWrites, indexReads].some((each) => each.targetShare !== targetShare))
    return undefined;
  return {
    targetShare,
    least: {
      table: { write: tableWrites.least, read: tableReads.least },
      index: { write: indexWrites.least, read: indexReads.least },
    },
  };
}

interface Scaling {
  readonly least: number;
  readonly targetShare: number;
}

function scalingOf(
  table: Resource,
  path: string,
  kind: 'write' | 'read',
  template: TemplateModel,
): Scaling | undefined {
  const ids = namesOf(table).map((name) => `table/${name}${path}`);
  const dimension = kind === 'write' ? ':WriteCapacityUnits' : ':ReadCapacityUnits';
  const target = targets(template).find(
    ({ properties }) =>
      ids.includes(flatText(at(properties, 'ResourceId'))) &&
      flatText(at(properties, 'ScalableDimension')).endsWith(dimension),
  );
  const policy = template
    .ofType(SCALING_POLICY)
    .find(
      ({ properties }) => target && template.referred(at(properties, 'ScalingTargetId')).includes(target),
    );
  const tracking = at(policy?.properties, 'TargetTrackingScalingPolicyConfiguration');
  if (!target || tracking === undefined) return undefined;
  return {
    least: numberOf(at(target.properties, 'MinCapacity'), `the least capacity of ${target.id}`),
    targetShare: numberOf(at(tracking, 'TargetValue'), `the target of ${policy?.id}`) / 100,
  };
}

function targets(template: TemplateModel): readonly Resource[] {
  return template.ofType(SCALABLE_TARGET);
}

/** As it is referred to within a template, and by its own name. */
function namesOf({ id, properties }: Resource): readonly string[] {
  return [`<${id}>`, flatText(at(properties, 'TableName'))].filter((name) => name !== '');
}
