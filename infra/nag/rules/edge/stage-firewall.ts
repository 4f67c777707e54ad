import { judge, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';

export const stageFirewall: PaymentRule = {
  name: 'StageFirewall',
  info: "No firewall is joined to the stage by the stage's own reference.",
  reason:
    'An ARN written as text does not wait for the stage: the association fails, or holds for another stage.',
  source: 'PCI DSS 4.0.1 requirement 6.4.2; trap "WAF association written as a literal ARN"',
  types: ['AWS::ApiGateway::Stage'],
  check: (stage, { stack }) =>
    judge(
      stack
        .ofType('AWS::WAFv2::WebACLAssociation')
        .some((join) => stack.referred(at(join.properties, 'ResourceArn')).includes(stage)),
    ),
};
