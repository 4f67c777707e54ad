import { judge, type PaymentRule } from '../../rule.ts';
import { at, flatText, items } from '../../template-values.ts';

export const dataTrace: PaymentRule = {
  name: 'DataTrace',
  info: 'API Gateway writes whole requests and responses to its logs (data trace).',
  reason: 'Bodies and authorization headers would lie in a log that many may read.',
  source: 'PCI DSS 4.0.1 requirements 3.3.1 and 8.3.2; trap "data trace, or a log format with bodies"',
  types: ['AWS::ApiGateway::Stage', 'AWS::ApiGateway::Deployment', 'AWS::ApiGatewayV2::Stage'],
  check({ properties }) {
    const settings = [
      at(properties, 'DefaultRouteSettings'),
      ...Object.values(at(properties, 'RouteSettings') ?? {}),
      ...items(at(properties, 'MethodSettings')),
      at(properties, 'StageDescription'),
      ...items(at(properties, 'StageDescription', 'MethodSettings')),
    ];
    // A condition of the template counts as on, since it may be.
    const isOn = (setting: unknown) => !['', 'false'].includes(flatText(at(setting, 'DataTraceEnabled')));
    return judge(!settings.some(isOn));
  },
};
