import { judge, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';

export const launchTemplate: PaymentRule = {
  name: 'LaunchTemplate',
  info: 'Instances are started otherwise than by a launch template.',
  reason:
    'New accounts cannot make launch configurations; and what the template enforces would not hold here.',
  source: 'EC2 Auto Scaling User Guide, "Launch configurations"; trap "launch configuration"',
  types: [
    'AWS::AutoScaling::LaunchConfiguration',
    'AWS::AutoScaling::AutoScalingGroup',
    'AWS::EC2::Instance',
  ],
  check({ type, properties }) {
    const has = (key: string) => at(properties, key) !== undefined;
    if (type === 'AWS::EC2::Instance') return judge(has('LaunchTemplate'));
    return judge(
      type === 'AWS::AutoScaling::AutoScalingGroup' && (has('LaunchTemplate') || has('MixedInstancesPolicy')),
    );
  },
};
