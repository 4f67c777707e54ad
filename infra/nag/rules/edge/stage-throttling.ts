import { judge, type PaymentRule } from '../../rule.ts';
import { at, items } from '../../template-values.ts';

/** -1 switches a limit off. */
function isLimit(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}

export const stageThrottling: PaymentRule = {
  name: 'StageThrottling',
  info: 'The stage does not limit the rate and the burst of all its methods.',
  reason:
    "Without its own limit one caller can use up the account's limit, and every write of the runaway is paid for.",
  source:
    'API Gateway Developer Guide, "Throttle requests to your REST APIs"; PCI DSS 4.0.1 requirement 6.4.2',
  types: ['AWS::ApiGateway::Stage'],
  check({ properties }) {
    const ofAll = items(at(properties, 'MethodSettings')).filter(
      (setting) => at(setting, 'ResourcePath') === '/*' && at(setting, 'HttpMethod') === '*',
    );
    return judge(
      ofAll.some(
        (setting) =>
          isLimit(at(setting, 'ThrottlingRateLimit')) && isLimit(at(setting, 'ThrottlingBurstLimit')),
      ),
    );
  },
};
