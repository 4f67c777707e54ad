import type { StackInventory, TemplateResource } from '../../inventory.ts';
import { at, items } from '../../template-values.ts';

interface Publisher {
  readonly service: string;
  readonly types: readonly string[];
  /** Where the resource names its topics. */
  readonly topics: (properties: unknown) => unknown;
}

const PUBLISHERS: readonly Publisher[] = [
  {
    service: 'cloudwatch.amazonaws.com',
    types: ['AWS::CloudWatch::Alarm', 'AWS::CloudWatch::CompositeAlarm'],
    topics: (properties) =>
      ['AlarmActions', 'OKActions', 'InsufficientDataActions'].map((key) => at(properties, key)),
  },
  {
    service: 'events.amazonaws.com',
    types: ['AWS::Events::Rule'],
    topics: (properties) => items(at(properties, 'Targets')).map((target) => at(target, 'Arn')),
  },
  {
    service: 'budgets.amazonaws.com',
    types: ['AWS::Budgets::Budget'],
    topics: (properties) => at(properties, 'NotificationsWithSubscribers'),
  },
  {
    service: 'costalerts.amazonaws.com',
    types: ['AWS::CE::AnomalySubscription'],
    topics: (properties) => at(properties, 'Subscribers'),
  },
];

/** The AWS services that publish to a topic, by what of this stack names it. */
export function publishersOf(topic: TemplateResource, stack: StackInventory): string[] {
  return PUBLISHERS.filter(({ types, topics }) =>
    stack.ofType(...types).some((user) => stack.referred(topics(user.properties)).includes(topic)),
  ).map(({ service }) => service);
}
