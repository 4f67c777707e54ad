import { findings, type PaymentRule } from '../../rule.ts';
import { allowed, IDENTITY_POLICIES } from './identity-policies.ts';

/** Operations of the SDK that are no IAM actions, with the action that each of them needs. */
const MISTAKEN: Readonly<Record<string, string>> = {
  'apigateway:invoke': 'execute-api:Invoke',
  'dynamodb:transactgetitems': 'dynamodb:GetItem',
  'dynamodb:transactwriteitems': 'dynamodb:PutItem, UpdateItem, DeleteItem and ConditionCheckItem',
  'lambda:invoke': 'lambda:InvokeFunction',
  's3:completemultipartupload': 's3:PutObject',
  's3:copyobject': 's3:GetObject and s3:PutObject',
  's3:createmultipartupload': 's3:PutObject',
  's3:deleteobjects': 's3:DeleteObject',
  's3:headbucket': 's3:ListBucket',
  's3:headobject': 's3:GetObject',
  's3:listbuckets': 's3:ListAllMyBuckets',
  's3:listobjects': 's3:ListBucket',
  's3:listobjectsv2': 's3:ListBucket',
  's3:uploadpart': 's3:PutObject',
  'secretsmanager:getsecret': 'secretsmanager:GetSecretValue',
  'sns:publishbatch': 'sns:Publish',
  'sqs:changemessagevisibilitybatch': 'sqs:ChangeMessageVisibility',
  'sqs:deletemessagebatch': 'sqs:DeleteMessage',
  'sqs:sendmessagebatch': 'sqs:SendMessage',
};

export const iamActions: PaymentRule = {
  name: 'IamActions',
  info: 'The policy allows all of a service, or everything but something, or an action that does not exist.',
  reason:
    'Nobody can say what a wildcard allows next year; and an invented action is refused only when it is needed.',
  source:
    'PCI DSS 4.0.1 requirement 7.2.5 (least privilege); trap "dynamodb:TransactWriteItems is not an IAM action"',
  types: IDENTITY_POLICIES,
  check(policy) {
    const found = allowed(policy);
    const actions = [...new Set(found.flatMap((statement) => statement.actions))];
    const isBad = (action: string) =>
      /^([\w-]+:)?\*$/.test(action) || MISTAKEN[action.toLowerCase()] !== undefined;
    return findings({
      NotAction: found.some((statement) => statement.isInverted),
      ...Object.fromEntries(actions.map((action) => [`Action::${action}`, isBad(action)])),
    });
  },
};
