import type { StackInventory, TemplateResource } from '../../inventory.ts';
import { at, flatText } from '../../template-values.ts';

export const EVENT_SOURCE_MAPPING = 'AWS::Lambda::EventSourceMapping';

const STREAM_TYPES = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable', 'AWS::Kinesis::Stream'];

export function sourceQueue(mapping: TemplateResource, stack: StackInventory): TemplateResource | undefined {
  return stack.referred(at(mapping.properties, 'EventSourceArn'), 'AWS::SQS::Queue')[0];
}

/** What a mapping polls; `other` is Kafka, MQ or DocumentDB, which report no failed items. */
export function sourceKind(mapping: TemplateResource, stack: StackInventory): 'queue' | 'stream' | 'other' {
  const arn = at(mapping.properties, 'EventSourceArn');
  const text = flatText(arn);
  if (sourceQueue(mapping, stack) || text.includes(':sqs:')) return 'queue';
  const isStream = stack.referred(arn, ...STREAM_TYPES).length > 0;
  return isStream || /:(dynamodb|kinesis):/.test(text) ? 'stream' : 'other';
}

/** The function behind a name or ARN, which may be that of an alias or a version. */
export function functionBehind(value: unknown, stack: StackInventory): TemplateResource | undefined {
  const [direct] = stack.referred(value, 'AWS::Lambda::Function');
  if (direct) return direct;
  const [alias] = stack.referred(value, 'AWS::Lambda::Alias', 'AWS::Lambda::Version');
  return alias && stack.referred(at(alias.properties, 'FunctionName'), 'AWS::Lambda::Function')[0];
}
