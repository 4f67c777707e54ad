import type { Resource } from '../../infra/checks/template-model.ts';
import { at, flatText } from '../../infra/nag/template-values.ts';
import { free, type Part, type Registry } from './reader.ts';

/** What alerts may go to within an allowance that they cannot use up: a thousand mails, a million of the others. */
const FREE_PROTOCOLS = ['email', 'email-json', 'sqs', 'lambda'];

export const MESSAGING: Registry = {
  'AWS::SQS::Queue': { volume: 'requests, by the messages' },
  'AWS::SNS::Subscription': { fixed: subscriptions },
  'AWS::Events::Rule': { fixed: rules },
  ...free('alerts only: far within the million of publishes that is free', 'AWS::SNS::Topic'),
  ...free('who may use it costs nothing', 'AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy'),
};

function subscriptions(found: readonly Resource[]): Part[] {
  return found
    .map(({ id, properties }) => ({ logicalId: id, protocol: flatText(at(properties, 'Protocol')) }))
    .filter(({ protocol }) => !FREE_PROTOCOLS.includes(protocol))
    .map(({ logicalId, protocol }) => ({ logicalId, why: `alerts delivered by ${protocol}` }));
}

/** Schedules and events of AWS itself are free on the default bus; those of a bus of one's own are not. */
function rules(found: readonly Resource[]): Part[] {
  return found
    .map(({ id, properties }) => ({
      logicalId: id,
      bus: flatText(at(properties, 'EventBusName')) || 'default',
    }))
    .filter(({ bus }) => bus !== 'default')
    .map(({ logicalId, bus }) => ({ logicalId, why: `events of the bus ${bus}: the model counts none` }));
}
