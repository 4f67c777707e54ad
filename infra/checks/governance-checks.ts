import { ManagedRuleIdentifiers } from 'aws-cdk-lib/aws-config';
import { statements } from '../nag/policy-statements.ts';
import { at, flatText, items } from '../nag/template-values.ts';
import { unless, wants } from './differences.ts';
import type { TemplateCheck } from './template-check.ts';
import { dependsOn, type Resource, type TemplateModel } from './template-model.ts';

const IDENTIFIERS: readonly string[] = Object.values(ManagedRuleIdentifiers);

const CONFIG_RULES = {
  'payment-s3-encryption': 'S3_BUCKET_SERVER_SIDE_ENCRYPTION_ENABLED',
  'payment-required-tags': 'REQUIRED_TAGS',
  'payment-s3-public-read': 'S3_BUCKET_PUBLIC_READ_PROHIBITED',
  'payment-s3-public-write': 'S3_BUCKET_PUBLIC_WRITE_PROHIBITED',
  'payment-imdsv2': 'EC2_IMDSV2_CHECK',
};

const OUTPUTS = [
  'ApiEndpoint',
  'PaymentsTableName',
  'PaymentQueueUrl',
  'AuditBucketName',
  'CostTopicArn',
  'SecurityTopicArn',
  'OpsTopicArn',
  'VpcId',
  'WafAclArn',
];

const PARAMETERS = ['table-name', 'queue-url', 'bucket-name', 'api-url'];

const TAGS = ['Project', 'Environment', 'Owner', 'CostCenter', 'DataClass'];

/** What holds data or does work, or costs: each of these types can carry tags. */
const TAGGED = [
  'AWS::ApiGateway::RestApi',
  'AWS::ApiGateway::Stage',
  'AWS::CloudWatch::Alarm',
  'AWS::DynamoDB::Table',
  'AWS::EC2::VPC',
  'AWS::IAM::Role',
  'AWS::KMS::Key',
  'AWS::Logs::LogGroup',
  'AWS::S3::Bucket',
  'AWS::SNS::Topic',
  'AWS::SQS::Queue',
  'AWS::SecretsManager::Secret',
  'AWS::WAFv2::WebACL',
];

/** What the CDK makes for its own custom resources, whose code and role nobody can tag or change. */
const OF_THE_CDK = /^Custom\w+CustomResourceProvider/;

function policies(template: TemplateModel) {
  return template
    .ofType('AWS::IAM::ManagedPolicy', 'AWS::IAM::Policy', 'AWS::IAM::Role')
    .filter(({ id }) => !OF_THE_CDK.test(id))
    .map((resource) => ({
      ...resource,
      granted: [
        at(resource.properties, 'PolicyDocument'),
        ...items(at(resource.properties, 'Policies')).map((policy) => at(policy, 'PolicyDocument')),
      ]
        .flatMap(statements)
        .filter(({ isAllow }) => isAllow),
    }));
}

/** One circle of resources that wait for each other, if there is any. */
function cycle(template: TemplateModel): string[] {
  const byId = new Map(template.all.map((resource) => [resource.id, resource]));
  const done = new Set<string>();
  const visit = (resource: Resource, path: readonly string[]): string[] => {
    if (path.includes(resource.id))
      return [[...path.slice(path.indexOf(resource.id)), resource.id].join(' → ')];
    if (done.has(resource.id)) return [];
    const before = [
      ...template.referred({ properties: resource.properties, update: at(resource.body, 'UpdatePolicy') }),
      ...dependsOn(resource).flatMap((id) => byId.get(id) ?? []),
    ];
    const [found] = before.flatMap((other) => visit(other, [...path, resource.id]));
    done.add(resource.id);
    return found === undefined ? [] : [found];
  };
  const [found] = template.all.flatMap((resource) => visit(resource, []));
  return found === undefined ? [] : [`circle: ${found}`];
}

export const GOVERNANCE_CHECKS: readonly TemplateCheck[] = [
  {
    says: 'row 14: Shield Advanced and GuardDuty are there only if asked for',
    find: (template) =>
      unless(
        template.ofType('AWS::Shield::Protection', 'AWS::GuardDuty::Detector').length === 0,
        'not asked for',
      ),
  },
  {
    says: 'row 15: Config rules watch encryption, tags, public access, IMDSv2, and in prod the lock, by real identifiers',
    find: (template, { profile }) => {
      const wanted = {
        ...CONFIG_RULES,
        ...(profile === 'prod' ? { 'payment-audit-object-lock': 'S3_BUCKET_DEFAULT_LOCK_ENABLED' } : {}),
      };
      return [
        ...Object.entries(wanted).flatMap(([name, SourceIdentifier]) =>
          wants(template.named('AWS::Config::ConfigRule', name), name, {
            Source: { Owner: 'AWS', SourceIdentifier },
          }),
        ),
        ...template
          .ofType('AWS::Config::ConfigRule')
          .map(({ properties }) => flatText(at(properties, 'Source', 'SourceIdentifier')))
          .flatMap((identifier) =>
            unless(IDENTIFIERS.includes(identifier), `${identifier} is no rule of AWS`),
          ),
      ];
    },
  },
  {
    says: 'row 20: SSM has table-name, queue-url, bucket-name and api-url under /payment/<suffix>/, as plain text',
    find: (template, { suffix }) => {
      const parameters = template.ofType('AWS::SSM::Parameter');
      return PARAMETERS.flatMap((name) =>
        wants(
          parameters.find(({ properties }) => at(properties, 'Name') === `/payment/${suffix}/${name}`),
          name,
          { Type: 'String' },
        ),
      );
    },
  },
  {
    says: 'row 21: the stack has these nine outputs and no others',
    find(template) {
      const names = Object.keys(at(template.json, 'Outputs') ?? {}).toSorted();
      return unless(names.join() === OUTPUTS.toSorted().join(), `outputs ${names.join(', ')}`);
    },
  },
  {
    says: 'row 22: everything that holds data or does work carries the five tags',
    find: (template) =>
      template
        .ofType(...TAGGED)
        .filter(({ id }) => !OF_THE_CDK.test(id))
        .flatMap(({ id, properties }) => {
          const has = items(at(properties, 'Tags')).map((tag) => at(tag, 'Key'));
          return TAGS.flatMap((tag) => unless(has.includes(tag), `${id} has no tag ${tag}`));
        }),
  },
  {
    says: 'row 23: every function has a role of its own',
    find(template) {
      const roles = template
        .ofType('AWS::Lambda::Function')
        .map(({ properties }) => JSON.stringify(at(properties, 'Role')));
      return unless(new Set(roles).size === roles.length, 'functions share a role');
    },
  },
  {
    says: 'row 23: no policy allows a wildcard action, or everything but something',
    find: (template) =>
      policies(template).flatMap(({ id, granted }) =>
        granted.flatMap(({ actions, isInverted }) => [
          ...actions.flatMap((action) => unless(!action.includes('*'), `${id} allows ${action}`)),
          ...unless(!isInverted, `${id} allows all but something`),
        ]),
      ),
  },
  {
    says: 'row 23: a wildcard resource only for actions that know none',
    find(template) {
      const without =
        /^(ec2:(\w+NetworkInterface|DescribeNetworkInterfaces|DescribeSubnets|(Una|A)ssignPrivateIpAddresses)|xray:Put\w+|ssmmessages:\w+|cloudwatch:PutMetricData|secretsmanager:GetRandomPassword)$/;
      return policies(template).flatMap(({ id, granted }) =>
        granted
          .filter(({ resources }) => resources.includes('*'))
          .flatMap(({ actions }) =>
            actions.flatMap((action) => unless(without.test(action), `${id} allows ${action} on everything`)),
          ),
      );
    },
  },
  {
    says: 'trap: no policy names an operation that is no action of IAM',
    find: (template) =>
      policies(template).flatMap(({ id, granted }) =>
        granted
          .flatMap(({ actions }) => actions)
          .filter((action) => /^dynamodb:Transact|^s3:(Head|Copy)|^lambda:Invoke$/.test(action))
          .map((action) => `${id} allows ${action}, which does not exist`),
      ),
  },
  {
    says: 'row 24: one key of our own, rotated, which the publishers of alerts and the logs may use',
    find(template) {
      const keys = template.ofType('AWS::KMS::Key');
      const text = JSON.stringify(at(keys[0]?.properties, 'KeyPolicy') ?? '');
      return [
        ...unless(keys.length === 1, `${keys.length} keys`),
        ...wants(keys[0], 'key', { EnableKeyRotation: true }),
        ...['events', 'cloudwatch', 'costalerts', 'budgets', 'logs'].flatMap((service) =>
          unless(text.includes(`${service}.amazonaws.com`), `${service} may not use the key`),
        ),
      ];
    },
  },
  {
    says: 'row 24: every log group is encrypted under it and forgets: after a week in dev, a year in prod',
    find: (template, { profile }) =>
      template.ofType('AWS::Logs::LogGroup').flatMap((logs) =>
        wants(logs, logs.id, {
          KmsKeyId: /EncryptionKey/,
          RetentionInDays: profile === 'prod' ? 365 : 7,
        }),
      ),
  },
  {
    says: 'no resource waits for itself, by references or DependsOn, which only the deployment would find',
    find: (template) => cycle(template),
  },
  {
    says: 'the template holds no account number and no secret',
    find(template) {
      const text = JSON.stringify(template.json);
      return [
        ...[...text.matchAll(/(?<![\w-])\d{12}(?![\w.-])/g)].map(([number]) => `account number ${number}`),
        ...[...text.matchAll(/tg_(test|live)_\w+|AKIA[A-Z0-9]{16}|-----BEGIN/g)].map(
          ([secret]) => `secret ${secret}`,
        ),
      ];
    },
  },
];
