import { ManagedRuleIdentifiers } from 'aws-cdk-lib/aws-config';
import { judge, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';

const KNOWN: ReadonlySet<unknown> = new Set(Object.values(ManagedRuleIdentifiers));

export const configRuleIdentifier: PaymentRule = {
  name: 'ConfigRuleIdentifier',
  info: 'The AWS Config rule names a managed rule that does not exist.',
  reason: 'Any text synthesises; the deployment fails on it, or worse: nothing is ever evaluated.',
  source:
    'AWS Config Developer Guide, "List of AWS Config Managed Rules"; trap "invented Config rule identifiers"',
  types: ['AWS::Config::ConfigRule'],
  check({ properties }) {
    if (at(properties, 'Source', 'Owner') !== 'AWS') return NOT_APPLICABLE;
    return judge(KNOWN.has(at(properties, 'Source', 'SourceIdentifier')));
  },
};
