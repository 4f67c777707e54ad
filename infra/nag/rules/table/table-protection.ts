import { judge, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';
import { copiesOf, TABLES } from './table-copies.ts';

export const tableProtection: PaymentRule = {
  name: 'TableProtection',
  info: 'The table of a production stack can be deleted by one call.',
  reason: 'Payments and their idempotency are gone with it, and with them what was charged to whom.',
  source: 'DynamoDB Developer Guide, "Using deletion protection"; aws.md row 5',
  types: TABLES,
  check(table, { settings }) {
    if (settings.profile !== 'prod') return NOT_APPLICABLE;
    return judge(copiesOf(table).every((copy) => at(copy, 'DeletionProtectionEnabled') === true));
  },
};
