import { findings, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';

export const instanceMetadata: PaymentRule = {
  name: 'InstanceMetadata',
  info: 'The launch template allows IMDSv1, or answers about metadata more than one hop away.',
  reason: "One forged request from inside would read the role's credentials.",
  source: 'EC2 User Guide, "Configure the instance metadata options"; PCI DSS 4.0.1 requirement 2.2.6',
  types: ['AWS::EC2::LaunchTemplate'],
  check({ properties }) {
    const options = at(properties, 'LaunchTemplateData', 'MetadataOptions');
    return findings({
      HttpTokens: at(options, 'HttpTokens') !== 'required',
      HopLimit: at(options, 'HttpPutResponseHopLimit') !== 1,
    });
  },
};
