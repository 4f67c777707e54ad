import { judge, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';

export const publicLoadBalancer: PaymentRule = {
  name: 'PublicLoadBalancer',
  info: 'The load balancer is not internal (it faces the internet where nothing is said).',
  reason: 'The API is the one public way in: a second one has neither its firewall nor its keys.',
  source: 'PCI DSS 4.0.1 requirement 1.4.1',
  types: ['AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ElasticLoadBalancing::LoadBalancer'],
  check: (balancer) => judge(at(balancer.properties, 'Scheme') === 'internal'),
};
