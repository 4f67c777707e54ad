import { judge, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';

export const defaultEndpoint: PaymentRule = {
  name: 'DefaultEndpoint',
  info: 'The API has a custom domain, but can still be reached by its default endpoint.',
  reason:
    "Callers could pass by what the domain enforces: its TLS version, its certificate, the edge's firewall.",
  source: 'PCI DSS 4.0.1 requirement 4.2.1; API Gateway Developer Guide, "Disable the default endpoint"',
  types: ['AWS::ApiGateway::RestApi'],
  check(api, { stack }) {
    const hasDomain = stack
      .ofType('AWS::ApiGateway::BasePathMapping', 'AWS::ApiGateway::BasePathMappingV2')
      .some((mapping) => stack.referred(at(mapping.properties, 'RestApiId')).includes(api));
    return hasDomain ? judge(at(api.properties, 'DisableExecuteApiEndpoint') === true) : NOT_APPLICABLE;
  },
};
