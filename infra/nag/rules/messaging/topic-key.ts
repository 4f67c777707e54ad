import type { StackInventory, TemplateResource } from '../../inventory.ts';
import { grantsToService } from '../../policy-statements.ts';
import { findings, NOT_APPLICABLE, type PaymentRule } from '../../rule.ts';
import { at } from '../../template-values.ts';
import { publishersOf } from './topic-users.ts';

/** What a service must do with the key of an encrypted topic that it publishes to. */
const NEEDED = ['kms:GenerateDataKey', 'kms:Decrypt'];

function keyOf(topic: TemplateResource, stack: StackInventory): TemplateResource | undefined {
  const id = at(topic.properties, 'KmsMasterKeyId');
  const [alias] = stack.referred(id, 'AWS::KMS::Alias');
  return stack.referred(alias ? at(alias.properties, 'TargetKeyId') : id, 'AWS::KMS::Key')[0];
}

export const topicKey: PaymentRule = {
  name: 'TopicKey',
  info: 'A service publishes to the topic, which has no key of ours, or one that the service may not use.',
  reason: 'With the AWS-managed key, alarms, events and budgets fail to publish, and nobody is told.',
  source: 'SNS Developer Guide, "Key management" (compatibility with AWS services); aws.md rows 3 and 24',
  types: ['AWS::SNS::Topic'],
  check(topic, { stack }) {
    const services = publishersOf(topic, stack);
    if (services.length === 0) return NOT_APPLICABLE;
    const key = keyOf(topic, stack);
    // The policy of a key from elsewhere cannot be seen: whoever knows it acknowledges this by name.
    if (!key) return findings({ KmsMasterKeyId: true });
    const policy = at(key.properties, 'KeyPolicy');
    const isRefused = (service: string) =>
      NEEDED.some((action) => grantsToService(policy, service, action).length === 0);
    return findings(Object.fromEntries(services.map((service) => [service, isRefused(service)])));
  },
};
