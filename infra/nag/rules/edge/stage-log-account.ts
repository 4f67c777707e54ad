import { judge, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at, items } from '../../template-values.ts';

function writesLogs(properties: unknown): boolean {
  const levels = items(at(properties, 'MethodSettings')).map(
    (setting) => at(setting, 'LoggingLevel') ?? 'OFF',
  );
  return at(properties, 'AccessLogSetting') !== undefined || levels.some((level) => level !== 'OFF');
}

export const stageLogAccount: PaymentRule = {
  name: 'StageLogAccount',
  info: 'The stage logs, but is not made after the role by which API Gateway may log in this account and region.',
  reason: 'The first deployment into a fresh account fails with "CloudWatch Logs role ARN must be set".',
  source:
    'API Gateway Developer Guide, "Set up CloudWatch logging"; trap "a stage that logs needs an account role"',
  types: ['AWS::ApiGateway::Stage'],
  check(stage, { stack, settings }) {
    if (!writesLogs(stage.properties)) return NOT_APPLICABLE;
    const accounts = stack.ofType('AWS::ApiGateway::Account');
    if (accounts.length === 0) return judge(settings.apiGatewayAccount === 'existing');
    return judge(accounts.some((account) => stack.comesAfter(stage, account)));
  },
};
