import { covers } from '../../policy-statements.ts';
import { findings, type PaymentRule } from '../../rule.ts';
import { allowed, IDENTITY_POLICIES } from './identity-policies.ts';

/**
 * Actions for which AWS knows no resource, or (the network interfaces of a function in a VPC) for which Lambda refuses
 * a role that names one. A wildcard in a policy is covered only where the same one stands here.
 */
const WITHOUT_RESOURCE: readonly string[] = [
  'autoscaling:Describe*',
  'cloudwatch:GetMetricData',
  'cloudwatch:GetMetricStatistics',
  'cloudwatch:ListMetrics',
  'cloudwatch:PutMetricData',
  'ec2:AssignPrivateIpAddresses',
  'ec2:CreateNetworkInterface',
  'ec2:DeleteNetworkInterface',
  'ec2:Describe*',
  'ec2:UnassignPrivateIpAddresses',
  'ec2messages:*',
  'ecr:GetAuthorizationToken',
  'kms:ListAliases',
  'kms:ListKeys',
  's3:ListAllMyBuckets',
  'secretsmanager:GetRandomPassword',
  'secretsmanager:ListSecrets',
  'sqs:ListQueues',
  'sns:ListTopics',
  'ssmmessages:*',
  'sts:GetCallerIdentity',
  'tag:GetResources',
  'xray:GetSampling*',
  'xray:PutTelemetryRecords',
  'xray:PutTraceSegments',
];

function needsResource(action: string): boolean {
  return !WITHOUT_RESOURCE.some(
    (pattern) => pattern === action || covers(pattern, action.replaceAll('*', '\0')),
  );
}

export const iamResources: PaymentRule = {
  name: 'IamResources',
  info: 'The policy allows an action on every resource, although AWS lets one name them.',
  reason: 'A function that is taken over could read every table, queue and secret of the account.',
  source: 'PCI DSS 4.0.1 requirement 7.2.5; Service Authorization Reference; aws.md row 23',
  types: IDENTITY_POLICIES,
  check(policy) {
    const onEverything = allowed(policy).filter((statement) => statement.resources.includes('*'));
    const actions = [...new Set(onEverything.flatMap((statement) => statement.actions))];
    return findings(Object.fromEntries(actions.map((action) => [action, needsResource(action)])));
  },
};
