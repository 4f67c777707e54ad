import { judge, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';

export const functionUrl: PaymentRule = {
  name: 'FunctionUrl',
  info: 'The function has a URL that anyone can call (AuthType NONE).',
  reason: 'It is a way to the payments past the firewall, the throttle and the API keys.',
  source:
    'PCI DSS 4.0.1 requirements 1.4.1 and 6.4.2 (a control stands between the internet and the application)',
  types: ['AWS::Lambda::Url'],
  check: (url) => judge(at(url.properties, 'AuthType') === 'AWS_IAM'),
};
