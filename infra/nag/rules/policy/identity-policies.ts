import type { TemplateResource } from '../../inventory.ts';
import { type Statement, statements } from '../../policy-statements.ts';
import { at, items } from '../../template-values.ts';

export const IDENTITY_POLICIES = [
  'AWS::IAM::Policy',
  'AWS::IAM::ManagedPolicy',
  'AWS::IAM::Role',
  'AWS::IAM::User',
  'AWS::IAM::Group',
];

/** What a policy, or a role with policies in it, allows. The trust policy of a role is no part of it. */
export function allowed({ properties }: TemplateResource): Statement[] {
  const documents = [
    at(properties, 'PolicyDocument'),
    ...items(at(properties, 'Policies')).map((policy) => at(policy, 'PolicyDocument')),
  ];
  return documents.flatMap(statements).filter((statement) => statement.isAllow);
}
