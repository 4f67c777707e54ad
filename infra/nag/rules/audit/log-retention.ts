import { judge, type PaymentRule } from '../../rule.ts';
import { at, numberOf } from '../../template-values.ts';
import { AUDIT_KEPT_DAYS } from './audit-bucket.ts';

export const logRetention: PaymentRule = {
  name: 'LogRetention',
  info: 'The log group keeps its logs for ever, or (in prod) for less than 365 days.',
  reason: 'For ever is paid for ever; in production the logs of the last twelve months must be there.',
  source: 'PCI DSS 4.0.1 requirement 10.5.1',
  types: ['AWS::Logs::LogGroup', 'Custom::LogRetention'],
  check({ properties }, { settings }) {
    const days = at(properties, 'RetentionInDays');
    if (days === undefined) return judge(false);
    return judge(numberOf(days, 'The retention') >= (settings.profile === 'prod' ? AUDIT_KEPT_DAYS : 1));
  },
};
