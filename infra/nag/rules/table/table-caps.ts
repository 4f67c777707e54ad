import { findings, type PaymentRule } from '../../rule.ts';
import { at, flatText, items, numberOf } from '../../template-values.ts';
import { TABLES } from './table-copies.ts';

/** The cap of a table or an index; a global table calls the same thing otherwise. */
function writeCap(owner: unknown): number | undefined {
  const settings = at(owner, 'OnDemandThroughput') ?? at(owner, 'WriteOnDemandThroughputSettings');
  const cap = at(settings, 'MaxWriteRequestUnits');
  if (cap === undefined) return undefined;
  const units = numberOf(cap, 'MaxWriteRequestUnits');
  // -1 takes a cap away.
  return units > 0 ? units : undefined;
}

export const tableCaps: PaymentRule = {
  name: 'TableCaps',
  info: 'The table is not on demand, or nothing caps its write units, or an index has a lower cap than the table.',
  reason:
    'On demand a loop is paid for without limit; an index below its table throttles the table when it is reached.',
  source: 'DynamoDB Developer Guide, "Maximum throughput for on-demand tables"; aws.md row 5',
  types: TABLES,
  check({ properties }) {
    const ofTable = writeCap(properties);
    const indexes = items(at(properties, 'GlobalSecondaryIndexes')).flatMap((index) => {
      const name = flatText(at(index, 'IndexName'));
      const cap = writeCap(index);
      return [
        [`IndexWriteCap::${name}`, cap === undefined],
        [`IndexBelowTable::${name}`, cap !== undefined && ofTable !== undefined && cap < ofTable],
      ];
    });
    return findings({
      BillingMode: at(properties, 'BillingMode') !== 'PAY_PER_REQUEST',
      WriteCap: ofTable === undefined,
      ...Object.fromEntries(indexes),
    });
  },
};
