import type { Resource } from '../../infra/checks/template-model.ts';
import { at, flatText, items } from '../../infra/nag/template-values.ts';
import { free, type Part, type Registry } from './reader.ts';
import { byTheMonth } from './standing.ts';

export const ACCOUNT: Registry = {
  'AWS::SSM::Parameter': {
    fixed: (found) =>
      byTheMonth({
        component: 'monitoring',
        what: 'advanced parameters',
        price: 'ssm.adv',
        count: found.filter(({ properties }) => flatText(at(properties, 'Tier')) === 'Advanced').length,
      }),
  },
  'AWS::Budgets::Budget': { fixed: budgets },
  ...free('finding unusual cost costs nothing', 'AWS::CE::AnomalyMonitor', 'AWS::CE::AnomalySubscription'),
  ...free('it runs when the stack is deployed, and then no more', 'Custom::VpcRestrictDefaultSG'),
  ...free('it runs when the stack is deleted', 'Custom::S3AutoDeleteObjects'),
  ...free('a note of the CDK', 'AWS::CDK::Metadata'),
};

/** A budget that tells is free; one that acts by itself, or sends reports, is not. */
function budgets(found: readonly Resource[]): Part[] {
  return found
    .filter(({ properties }) => items(at(properties, 'BudgetActions')).length > 0)
    .map(({ id }) => ({ logicalId: id, why: 'a budget that acts by itself' }));
}
