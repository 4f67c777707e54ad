import { findings, type PaymentRule } from '../../rule.ts';
import { at, flatText, items } from '../../template-values.ts';

export const firewallLogging: PaymentRule = {
  name: 'FirewallLogging',
  info: 'The firewall does not log, or logs API keys (the authorization header is not redacted).',
  reason: 'Attacks are found in its log; each request that it allows would leave its key there too.',
  source: 'PCI DSS 4.0.1 requirements 10.2.1 and 8.3.2; aws.md row 13',
  types: ['AWS::WAFv2::WebACL'],
  check(firewall, { stack }) {
    const logging = stack
      .ofType('AWS::WAFv2::LoggingConfiguration')
      .filter((one) => stack.referred(at(one.properties, 'ResourceArn')).includes(firewall));
    // CloudFormation takes this one field as it is, so both spellings are met.
    const redacts = (one: { readonly properties: unknown }) =>
      items(at(one.properties, 'RedactedFields'))
        .map((field) => at(field, 'SingleHeader', 'Name') ?? at(field, 'SingleHeader', 'name'))
        .some((name) => flatText(name).toLowerCase() === 'authorization');
    return findings({ Missing: logging.length === 0, Authorization: !logging.every(redacts) });
  },
};
