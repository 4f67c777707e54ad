import type { TemplateResource } from '../../inventory.ts';
import { at, items } from '../../template-values.ts';

export const TABLES = ['AWS::DynamoDB::Table', 'AWS::DynamoDB::GlobalTable'];

/** Where a table says what holds for one region: a global table says it in each of its replicas. */
export function copiesOf({ type, properties }: TemplateResource): readonly unknown[] {
  return type === 'AWS::DynamoDB::GlobalTable' ? items(at(properties, 'Replicas')) : [properties];
}
