import type { StackInventory, TemplateResource } from '../../inventory.ts';
import { findings, type PaymentRule } from '../../rule.ts';
import { at, flatText, items, numberOf } from '../../template-values.ts';
import { TABLES } from './table-copies.ts';

/** The cap of a table or an index on demand; a global table calls the same thing otherwise. */
function requestCap(owner: unknown): number | undefined {
  const settings = at(owner, 'OnDemandThroughput') ?? at(owner, 'WriteOnDemandThroughputSettings');
  const cap = at(settings, 'MaxWriteRequestUnits');
  if (cap === undefined) return undefined;
  const units = numberOf(cap, 'MaxWriteRequestUnits');
  // -1 takes a cap away.
  return units > 0 ? units : undefined;
}

/** Up to where provisioned capacity scales: a global table says it itself, another in a resource beside it. */
function scalingMaximum(
  table: TemplateResource,
  owner: unknown,
  indexName: string | undefined,
  stack: StackInventory,
): number | undefined {
  const own = at(owner, 'WriteProvisionedThroughputSettings', 'WriteCapacityAutoScalingSettings');
  const path = indexName === undefined ? '' : `/index/${indexName}`;
  const ids = [`<${table.logicalId}>`, flatText(at(table.properties, 'TableName'))].map(
    (name) => `table/${name}${path}`,
  );
  const target = stack
    .ofType('AWS::ApplicationAutoScaling::ScalableTarget')
    .map(({ properties }) => properties)
    .filter((each) => flatText(at(each, 'ScalableDimension')).endsWith(':WriteCapacityUnits'))
    .find((each) => ids.includes(flatText(at(each, 'ResourceId'))));
  const most = at(own ?? target, 'MaxCapacity');
  return most === undefined ? undefined : numberOf(most, 'MaxCapacity');
}

export const tableCaps: PaymentRule = {
  name: 'TableCaps',
  info: 'Nothing caps the write units of the table, on demand or as it scales, or an index has a lower cap than it.',
  reason:
    'On demand a loop is paid for without limit, and capacity that nothing scales refuses what is above it; ' +
    'an index below its table throttles the table when it is reached.',
  source:
    'DynamoDB Developer Guide, "Maximum throughput for on-demand tables" and "Managing throughput capacity automatically with DynamoDB auto scaling"; aws.md row 5',
  types: TABLES,
  check(table, { stack }) {
    const { properties } = table;
    const onDemand = at(properties, 'BillingMode') === 'PAY_PER_REQUEST';
    const scaledTo = scalingMaximum(table, properties, undefined, stack);
    const capOf = (owner: unknown, indexName?: string) =>
      (onDemand ? undefined : scalingMaximum(table, owner, indexName, stack)) ?? requestCap(owner);
    const ofTable = capOf(properties);
    const indexes = items(at(properties, 'GlobalSecondaryIndexes')).flatMap((index) => {
      const name = flatText(at(index, 'IndexName'));
      const cap = capOf(index, name);
      return [
        [`IndexWriteCap::${name}`, cap === undefined],
        [`IndexBelowTable::${name}`, cap !== undefined && ofTable !== undefined && cap < ofTable],
      ];
    });
    return findings({
      BillingMode: !onDemand && scaledTo === undefined,
      WriteCap: ofTable === undefined,
      ...Object.fromEntries(indexes),
    });
  },
};
