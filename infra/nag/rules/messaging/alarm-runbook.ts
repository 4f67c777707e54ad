import { judge, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at, flatText, items } from '../../template-values.ts';

/** An address, or a page of the repository's documents. */
const LINK = /https?:\/\/\S+|[\w/.-]+\.md(#[\w-]+)?/;

const SCALING = ['AWS::AutoScaling::ScalingPolicy', 'AWS::ApplicationAutoScaling::ScalingPolicy'];

export const alarmRunbook: PaymentRule = {
  name: 'AlarmRunbook',
  info: "The alarm's description does not link to what is to be done about it.",
  reason: 'Whoever is woken at night reads the mail first, and must not have to search.',
  source: 'PCI DSS 4.0.1 requirement 12.10.1 (an incident response plan); aws.md row 16',
  types: ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'],
  check({ properties }, { stack }) {
    const actions = items(at(properties, 'AlarmActions'));
    const wakesNobody = actions.every((action) => stack.referred(action, ...SCALING).length > 0);
    if (actions.length > 0 && wakesNobody) return NOT_APPLICABLE;
    return judge(LINK.test(flatText(at(properties, 'AlarmDescription'))));
  },
};
