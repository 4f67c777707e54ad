import type { Resource, TemplateModel } from '../../infra/checks/template-model.ts';
import { at, flatText, items, numberOf } from '../../infra/nag/template-values.ts';
import { HOURS_PER_MONTH } from '../model/stated.ts';
import { free, type Part, type Registry } from './reader.ts';
import { isOnDemand, SCALABLE_TARGET, scaledCapacity, scales } from './table-capacity.ts';

/** The table that the model counts payments in. */
const PAYMENTS = 'payments';

export const DATABASE: Registry = {
  'AWS::DynamoDB::Table': { fixed: tables },
  ...free('what scales is paid for, not that it does', SCALABLE_TARGET),
};

/**
 * On demand the model counts all of it, and capacity that follows what payments use; other provisioned capacity is
 * there whether it is used or not.
 */
function tables(found: readonly Resource[], template: TemplateModel): Part[] {
  return found.flatMap((table) => [...capacity(table, template), ...extras(table)]);
}

function capacity(table: Resource, template: TemplateModel): Part[] {
  if (isOnDemand(table)) return [];
  const { id, properties } = table;
  if (flatText(at(properties, 'TableClass')) === 'STANDARD_INFREQUENT_ACCESS') {
    return [{ logicalId: id, why: 'provisioned capacity of a table in Standard-IA: the list has no price' }];
  }
  if (scales(table, template)) {
    const isModelled = template.named('AWS::DynamoDB::Table', PAYMENTS) === table;
    if (isModelled && scaledCapacity(table, template)) return [];
    return [{ logicalId: id, why: 'capacity that scales, but not as the model knows it for payments' }];
  }
  const places = [properties, ...items(at(properties, 'GlobalSecondaryIndexes'))];
  return (['Write', 'Read'] as const).map((kind) => {
    const units = places
      .map((place) => at(place, 'ProvisionedThroughput', `${kind}CapacityUnits`))
      .map((value) => numberOf(value, `${kind.toLowerCase()} capacity of ${id}`))
      .reduce((sum, each) => sum + each, 0);
    return {
      component: 'database',
      what: `provisioned ${kind.toLowerCase()} capacity of ${flatText(at(properties, 'TableName')) || id}`,
      price: kind === 'Write' ? 'ddb.wcu' : 'ddb.rcu',
      quantity: units * HOURS_PER_MONTH,
      basis: 'template',
      derivation: `${units} units with those of its indexes × ${HOURS_PER_MONTH} hours`,
    };
  });
}

function extras({ id, properties }: Resource): Part[] {
  const insights = [properties, ...items(at(properties, 'GlobalSecondaryIndexes'))].some(
    (place) => at(place, 'ContributorInsightsSpecification', 'Enabled') === true,
  );
  return [
    ...(insights ? [{ logicalId: id, why: 'contributor insights: the model counts none' }] : []),
    ...(at(properties, 'KinesisStreamSpecification') === undefined
      ? []
      : [{ logicalId: id, why: 'changes sent to Kinesis: the model counts none' }]),
  ];
}
