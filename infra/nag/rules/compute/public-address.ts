import { judge, type PaymentRule } from '../../rule.ts';
import { at, items } from '../../template-values.ts';

export const publicAddress: PaymentRule = {
  name: 'PublicAddress',
  info: 'Instances get a public address when they start.',
  reason: 'What can be reached from the internet is attacked from the internet; the worker calls out only.',
  source: 'PCI DSS 4.0.1 requirement 1.4.2; aws.md rows 1 and 12',
  types: ['AWS::EC2::Subnet', 'AWS::EC2::LaunchTemplate', 'AWS::EC2::Instance'],
  check({ properties }) {
    const interfaces = [
      ...items(at(properties, 'NetworkInterfaces')),
      ...items(at(properties, 'LaunchTemplateData', 'NetworkInterfaces')),
    ];
    const isGiven = (value: unknown) => value !== undefined && value !== false;
    return judge(
      !isGiven(at(properties, 'MapPublicIpOnLaunch')) &&
        !interfaces.some((one) => isGiven(at(one, 'AssociatePublicIpAddress'))),
    );
  },
};
