import { grantsToService, hasConditionOn } from '../../policy-statements.ts';
import { findings, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';
import { publishersOf } from './topic-users.ts';

export const topicPublishers: PaymentRule = {
  name: 'TopicPublishers',
  info: "The topic's policy does not let a service publish that has to, or lets it publish for any account.",
  reason:
    'A policy that only enforces TLS replaces the default one: the alarm goes off, and no mail is sent.',
  source: 'SNS Developer Guide, "Example cases for Amazon SNS access control"; aws.md row 3',
  types: ['AWS::SNS::Topic'],
  check(topic, { stack }) {
    const services = publishersOf(topic, stack);
    if (services.length === 0) return NOT_APPLICABLE;
    const policies = stack
      .ofType('AWS::SNS::TopicPolicy')
      .filter((policy) => stack.referred(at(policy.properties, 'Topics')).includes(topic));
    const grants = (service: string) =>
      policies.flatMap(({ properties }) =>
        grantsToService(at(properties, 'PolicyDocument'), service, 'sns:Publish'),
      );
    // EventBridge's guide: "You can't use Condition blocks in topic policies"; a rule names topics of its account only.
    const isOpen = (service: string) =>
      service !== 'events.amazonaws.com' &&
      grants(service).some((grant) => !hasConditionOn(grant, 'aws:SourceAccount', 'aws:SourceArn'));
    return findings({
      ...Object.fromEntries(services.map((service) => [service, grants(service).length === 0])),
      ...Object.fromEntries(services.map((service) => [`AnyAccount::${service}`, isOpen(service)])),
    });
  },
};
