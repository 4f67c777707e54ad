import { judge, type PaymentRule } from '../../rule.ts';
import { at, items } from '../../template-values.ts';

export const alarmAction: PaymentRule = {
  name: 'AlarmAction',
  info: 'The alarm has no action, or its actions are switched off.',
  reason: 'An alarm that tells nobody is found after the damage.',
  source:
    'PCI DSS 4.0.1 requirements 10.7.2 and 10.7.3 (failures of critical controls are alerted); aws.md row 16',
  types: ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'],
  check: ({ properties }) =>
    judge(items(at(properties, 'AlarmActions')).length > 0 && at(properties, 'ActionsEnabled') !== false),
};
