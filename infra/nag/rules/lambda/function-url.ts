import { findings, type PaymentRule } from '../../rule.ts';
import { at, flatText } from '../../template-values.ts';

/** Who may call a URL needs both: to call URLs, and to call the function by one. */
const CALLS = ['lambda:InvokeFunctionUrl', 'lambda:InvokeFunction'];
const CLOUDFRONT = 'cloudfront.amazonaws.com';

export const functionUrl: PaymentRule = {
  name: 'FunctionUrl',
  info: 'The function has a URL that anyone can call (AuthType NONE), or that not just one distribution may call.',
  reason: 'It is a way to the payments past the firewall, the throttle and the API keys.',
  source:
    'PCI DSS 4.0.1 requirements 1.4.1 and 6.4.2 (a control stands between the internet and the application)',
  types: ['AWS::Lambda::Url'],
  check(url, { stack }) {
    const byUrl = stack
      .ofType('AWS::Lambda::Permission')
      .map(({ properties }) => properties)
      .filter(
        (permission) =>
          at(permission, 'Action') === CALLS[0] || at(permission, 'InvokedViaFunctionUrl') === true,
      );
    const isOfDistribution = (permission: unknown) =>
      flatText(at(permission, 'Principal')) === CLOUDFRONT &&
      stack.referred(at(permission, 'SourceArn'), 'AWS::CloudFront::Distribution').length === 1;
    return findings({
      Public: at(url.properties, 'AuthType') !== 'AWS_IAM',
      Caller: !byUrl.every(isOfDistribution),
      NotCallable: !CALLS.every((call) => byUrl.some((permission) => at(permission, 'Action') === call)),
    });
  },
};
