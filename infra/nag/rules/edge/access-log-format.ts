import { findings, type PaymentRule } from '../../rule.ts';
import { at, flatText } from '../../template-values.ts';

/** Variables by which bodies, keys or headers reach the log. `apiKeyId` and `authorizer` are names, no secrets. */
const SECRETS = /\$input|\bbody\b|authorization|cookie|identity\.apiKey(?!Id)|querystring|header\./i;

export const accessLogFormat: PaymentRule = {
  name: 'AccessLogFormat',
  info: 'The stage has no access log, or one that is not JSON, or one with bodies, keys or headers in it.',
  reason:
    'Who did what, and when, must be found by a query; and no log may hold what it takes to do it again.',
  source: 'PCI DSS 4.0.1 requirements 10.2.1, 10.2.2 and 3.3.1; trap "a log format with bodies"',
  types: ['AWS::ApiGateway::Stage', 'AWS::ApiGatewayV2::Stage'],
  check({ properties }) {
    const setting = at(properties, 'AccessLogSetting') ?? at(properties, 'AccessLogSettings');
    const format = flatText(at(setting, 'Format'));
    const isMissing = format === '' || at(setting, 'DestinationArn') === undefined;
    return findings({
      Missing: isMissing,
      NotJson: !isMissing && !isJson(format),
      Secrets: SECRETS.test(format),
    });
  },
};

/** Variables may stand without quotes, as `"status": $context.status`. */
function isJson(format: string): boolean {
  try {
    const parsed: unknown = JSON.parse(format.replace(/\$context\.[\w.-]+/g, '0'));
    return typeof parsed === 'object';
  } catch {
    return false;
  }
}
