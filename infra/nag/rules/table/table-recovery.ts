import { judge, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';
import { copiesOf, TABLES } from './table-copies.ts';

export const tableRecovery: PaymentRule = {
  name: 'TableRecovery',
  info: 'The table has no point-in-time recovery.',
  reason: 'A bad release can spoil every payment in a minute; the last backup may be weeks old.',
  source: 'PCI DSS 4.0.1 requirement 12.10.1 (recovery and continuity); aws.md row 5',
  types: TABLES,
  check: (table) =>
    judge(
      copiesOf(table).every(
        (copy) => at(copy, 'PointInTimeRecoverySpecification', 'PointInTimeRecoveryEnabled') === true,
      ),
    ),
};
